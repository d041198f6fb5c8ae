// SPDX-License-Identifier: GPL-3.0-or-later
// Sets up Swagger UI for the API page. A key that is entered stays in memory; every call goes to this host.

// follows the system's choice of light and dark, for which the library has a class
const dark = matchMedia('(prefers-color-scheme: dark)');
const colour = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', colour);
colour();

const ours = ({ React }) => ({
    wrapComponents: {
        // no link inside of the button that opens an operation
        DeepLink: () => ({ text }) => React.createElement('span', null, text),
        // one server, this one: nothing to choose
        ServersContainer: () => () => null,
    },
    statePlugins: {
        layout: {
            wrapActions: {
                // #/GROUP/NAME opens and shows an operation; the library takes the _ in our names for a blank
                parseDeepLinkHash: (original, { layoutActions, layoutSelectors }) => (hash) => {
                    const at = hash.replace(/^#?\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
                    if (!at.length) return;
                    const key = layoutSelectors.isShownKeyFromUrlHashArray(at);
                    layoutActions.show(key, true);
                    layoutActions.scrollTo(key);
                },
            },
        },
    },
});

// what it draws that screen readers and the keyboard cannot do without: names of choices, focus of what scrolls
const mend = (root) => {
    for (const select of root.querySelectorAll('select:not([aria-label]):not([id])'))
        select.setAttribute('aria-label', select.closest('tr')?.dataset.paramName ?? 'Choice');
    for (const text of root.querySelectorAll('pre:not([tabindex])')) text.tabIndex = 0;
};
const page = document.getElementById('api');
new MutationObserver(() => mend(page)).observe(page, { childList: true, subtree: true });

SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#api',
    plugins: [ours],
    deepLinking: true,
    docExpansion: 'list',
    filter: true,
    showExtensions: true,
    defaultModelsExpandDepth: -1,
    defaultModelExpandDepth: 2,
    syntaxHighlight: { theme: 'obsidian' },
    validatorUrl: null,
});
