/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ERP systems call the columns of a work order, and how they print values. */
#include "ctl_erp.h"

#include "arena.h"
#include "when.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAME_MOST 100

const char *const erp_field_names[ERP_FIELDS] = {"part_number", "work_order_id", "quantity",
                                                 "total_cost",  "unit_cost",     "annual_forecast",
                                                 "bin",         "occurred_on"};

/* As plain_name leaves them, best first: where a file has several, the first one is taken. Names of
   SAP (English, German, table fields), Oracle (screens, tables), Odoo and ERPNext (labels, fields).
   What was made and what it did cost stands before what was planned. All names that the console
   knows are among them. */
static const char *const aliases[ERP_FIELDS] = {
    [ERP_PART_NUMBER] =
        "partnumber partno materialnumber materialnummer material matnr assemblyitem "
        "assembly itemnumber itemcode productioninternalreference "
        "productinternalreference productiddefaultcode defaultcode internalreference "
        "productionitem itemtomanufacture segment1 item artikelnummer teilenummer "
        "product productid part itemno sku article articleno artikel artikelnr "
        "materialnr teilenr sachnummer productcode zeichnungsnummer",
    [ERP_WORK_ORDER_ID] =
        "workorderid workordernumber workorder ordernumber productionorder "
        "processorder order aufnr fertigungsauftrag auftragsnummer auftrag "
        "wipentityname jobname job manufacturingorder orderreference reference name "
        "id workorderno wo wono orderid orderno jobno jobnumber productionorderno "
        "prodorderno mo auftragsnr betriebsauftrag fanr banr externalref documentno",
    [ERP_QUANTITY] = "quantity deliveredquantity quantitydelivered confirmedyield yield wemng "
                     "liefermenge geliefertemenge gutmenge quantitycompleted completedquantity "
                     "quantityproduced qtyproduced manufacturedqty producedqty orderquantity "
                     "orderquantitygmein gamng auftragsmenge menge startquantity productqty "
                     "quantitytoproduce qtytomanufacture qty lotsize stueckzahl stuckzahl anzahl "
                     "losgroesse losgrosse completedqty qtycompleted finishedqty finishedquantity "
                     "istmenge orderqty pieces",
    [ERP_TOTAL_COST] = "totalcost totalactualcosts totalactualcost totalactcosts actualcosts "
                       "actualcost istkostengesamt gesamtistkosten istkosten gesamtkosten mocost "
                       "realcost totalincomingvalue totalcosts actualtotalcost actualtotal cost "
                       "costs amount totalamount kosten herstellkosten betrag wkgbtr value "
                       "postedcost",
    [ERP_UNIT_COST] =
        "unitcost actualunitcost costperunit kostenjestuck valuationrate basicrate "
        "costperpiece unitprice price stueckkosten stuckkosten stueckpreis stuckpreis "
        "einzelpreis preis",
    [ERP_ANNUAL_FORECAST] = "annualforecast annualvolume annualquantity annualdemand jahresbedarf "
                            "jahresmenge annualusage yearlyvolume eau",
    [ERP_BIN] =
        "bin supplier suppliername vendor vendorno vendorname lieferant lifnr kreditor plant "
        "werk werks organizationcode warehouse fgwarehouse company companyid site line "
        "workcenter arbeitsplatz group",
    [ERP_OCCURRED_ON] = "occurredon actualfinishdate actualfinish istendtermin istende gltri "
                        "datecompleted completiondate actualcompletiondate datefinished enddate "
                        "actualenddate postingdate buchungsdatum datum date finished finishdate "
                        "completedon budat getri enddatum fertigstellungsdatum fertigmeldung "
                        "quotedate orderdate",
};

/* Letters and digits in lower case; letters of latin-1 without their accents, other signs as they
   are. */
static void plain_name(const char *name, char out[NAME_MOST])
{
    static const char letters[] =
        "aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";
    size_t len = 0;
    for (const unsigned char *p = (const unsigned char *)name; *p && len + 2 < NAME_MOST; p++) {
        if (*p >= 0x80 && *p != 0xc3)
            out[len++] = (char)*p;
        else if (*p >= 0x80 && p[1] && letters[p[1] & 0x3f] != ' ')
            out[len++] = letters[*++p & 0x3f];
        else if (isalnum(*p))
            out[len++] = (char)tolower(*p);
    }
    out[len] = '\0';
}

static size_t column_named(const struct erp_record *header, const char *plain, size_t *n)
{
    size_t found = ERP_NO_COLUMN;
    *n = 0;
    for (size_t i = 0; i < header->n; i++) {
        char name[NAME_MOST];
        plain_name(header->cells[i], name);
        if (strcmp(name, plain) != 0)
            continue;
        if (!(*n)++)
            found = i;
    }
    return found;
}

/* The first columns as the file names them: a wrong separator or a title shows. */
static const char *names_of(const struct erp_record *header, struct arena *arena)
{
    enum { MOST = 20 };
    const char *names = "";
    for (size_t i = 0; i < header->n && i < MOST; i++)
        names = arena_printf(arena, "%s%s\"%.100s\"", names, i ? ", " : "", header->cells[i]);
    return header->n > MOST ? arena_printf(arena, "%s and more", names) : names;
}

static const char *apply_map(struct erp_columns *columns, const struct erp_record *header,
                             const char *map, struct arena *arena)
{
    size_t len = strcspn(map, "="), field = 0, n;
    char plain[NAME_MOST];
    while (field < ERP_FIELDS && (strlen(erp_field_names[field]) != len ||
                                  strncmp(erp_field_names[field], map, len) != 0))
        field++;
    if (field == ERP_FIELDS || !map[len])
        return arena_printf(arena,
                            "--map %s: write FIELD=COLUMN; fields are part_number, work_order_id,"
                            " quantity, total_cost, unit_cost, annual_forecast, bin, occurred_on",
                            map);
    if (columns->at[field] != ERP_NO_COLUMN)
        return arena_printf(arena, "--map names a column for %s twice", erp_field_names[field]);
    plain_name(map + len + 1, plain);
    columns->at[field] = column_named(header, plain, &n);
    if (n == 1)
        return NULL;
    return arena_printf(arena, "--map %s: the file has %s column of that name; it has %s", map,
                        n ? "more than one" : "no", names_of(header, arena));
}

static const char *find_field(struct erp_columns *columns, const struct erp_record *header,
                              enum erp_field field, struct arena *arena)
{
    for (const char *word = aliases[field]; *word; word += strspn(word, " ")) {
        char plain[NAME_MOST];
        int len = (int)strcspn(word, " ");
        snprintf(plain, sizeof plain, "%.*s", len, word);
        size_t n, at = column_named(header, plain, &n);
        if (n > 1)
            return arena_printf(arena,
                                "%s: the file has more than one column \"%s\": rename one"
                                " or name another with --map %s=COLUMN",
                                erp_field_names[field], header->cells[at], erp_field_names[field]);
        if (n) {
            columns->at[field] = at;
            break;
        }
        word += len;
    }
    return NULL;
}

const char *erp_columns_find(struct erp_columns *columns, const struct erp_record *header,
                             const char *const *maps, size_t n_maps, struct arena *arena)
{
    const char *fault = NULL;
    for (size_t i = 0; i < ERP_FIELDS; i++)
        columns->at[i] = ERP_NO_COLUMN;
    for (size_t i = 0; i < n_maps && !fault; i++)
        fault = apply_map(columns, header, maps[i], arena);
    for (enum erp_field field = 0; field < ERP_FIELDS && !fault; field++)
        if (columns->at[field] == ERP_NO_COLUMN)
            fault = find_field(columns, header, field, arena);
    for (enum erp_field field = 0; field <= ERP_TOTAL_COST && !fault; field++)
        if (columns->at[field] == ERP_NO_COLUMN &&
            (field != ERP_TOTAL_COST || columns->at[ERP_UNIT_COST] == ERP_NO_COLUMN))
            fault = arena_printf(arena,
                                 "no column for %s%s was recognised: name it with --map"
                                 " %s=COLUMN; the file has %s",
                                 erp_field_names[field],
                                 field == ERP_TOTAL_COST ? " (or unit_cost)" : "",
                                 erp_field_names[field], names_of(header, arena));
    return fault;
}

/* Bytes of a sign that groups thousands in any country, or stands around a number; 0: none. */
static size_t filler(const char *text)
{
    if (*text == ' ' || *text == '\'')
        return 1;
    if (!strncmp(text, "\xc2\xa0", 2))
        return 2;
    return strncmp(text, "\xe2\x80\xaf", 3) && strncmp(text, "\xe2\x80\x99", 3) ? 0 : 3;
}

/* text with decimal sign point and thousands by group; false: it is not such a number. */
static bool read_number(const char *text, char point, char group, char out[ERP_NUMBER])
{
    size_t len = 0, digits = 0, groups = 0; /* digits since the start or the last group sign */
    bool negative = false, fraction = false, any = false;
    for (const char *p = text; *p; p++) {
        size_t skip = filler(p);
        bool grouped = skip && any && isdigit((unsigned char)p[skip]);
        if (skip)
            p += skip - 1;
        if (skip && !grouped)
            continue;
        if (len + 4 > ERP_NUMBER)
            return false;
        if (isdigit((unsigned char)*p)) {
            if (len == 1 && out[0] == '0' && !fraction)
                len = 0;
            out[len++] = *p;
            digits++;
            any = true;
        } else if ((grouped || *p == group) && !fraction && any && digits <= 3 && out[0] != '0' &&
                   (!groups || digits == 3)) {
            groups++;
            digits = 0;
        } else if (*p == point && !fraction && any && (!groups || digits == 3)) {
            fraction = true;
            digits = 0;
            out[len++] = '.';
        } else if (*p == '-' && !negative && (!any || !p[1 + filler(p + 1)])) {
            negative = true;
        } else {
            return false;
        }
    }
    if (!any || (fraction && !digits) || (groups && !fraction && digits != 3))
        return false;
    out[len] = '\0';
    if (negative) {
        memmove(out + 1, out, len + 1);
        out[0] = '-';
    }
    return true;
}

enum erp_decimal erp_decimal_of(const char *text)
{
    char out[ERP_NUMBER];
    bool point = read_number(text, '.', ',', out), comma = read_number(text, ',', '.', out);
    return point == comma ? ERP_DECIMAL_UNKNOWN : point ? ERP_POINT : ERP_COMMA;
}

enum erp_reading erp_number(const char *text, enum erp_decimal decimal, char out[ERP_NUMBER])
{
    char other[ERP_NUMBER];
    bool point = decimal != ERP_COMMA && read_number(text, '.', ',', out);
    bool comma = decimal != ERP_POINT && read_number(text, ',', '.', point ? other : out);
    if (point && comma && strcmp(out, other) != 0)
        return ERP_AMBIGUOUS;
    return point || comma ? ERP_READ : ERP_NO_NUMBER;
}

/* Does text begin like pattern: 9 is a digit, anything else itself; a blank, T or nothing behind */
static bool begins_like(const char *text, const char *pattern)
{
    for (; *pattern; text++, pattern++)
        if (*pattern == '9' ? !isdigit((unsigned char)*text) : *text != *pattern)
            return false;
    return !*text || *text == ' ' || *text == 'T';
}

/* 3/4/2026 as 03/04/2026: spreadsheets leave leading noughts out of day and month. */
static const char *with_noughts(const char *text, struct arena *arena)
{
    size_t one = strspn(text, "0123456789");
    char sign = text[one];
    if (one < 1 || one > 2 || (sign != '.' && sign != '/'))
        return text;
    const char *second = text + one + 1;
    size_t two = strspn(second, "0123456789");
    if (two < 1 || two > 2 || second[two] != sign)
        return text;
    return arena_printf(arena, "%s%.*s%c%s%s", one < 2 ? "0" : "", (int)one, text, sign,
                        two < 2 ? "0" : "", second);
}

bool erp_date_proves(const char *text, struct arena *arena, bool *day_first)
{
    const char *full = with_noughts(text, arena);
    bool slashes = begins_like(full, "99/99/9999");
    *day_first = slashes && strncmp(full, "12", 2) > 0;
    return slashes && (*day_first || strncmp(full + 3, "12", 2) > 0);
}

const char *erp_date(const char *text, bool day_first, struct arena *arena)
{
    const char *full = with_noughts(text, arena), *date = text;
    int32_t day;
    if (begins_like(text, "9999-99-99"))
        date = arena_strndup(arena, text, 10);
    else if (begins_like(text, "99999999"))
        date = arena_printf(arena, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
    else if (begins_like(full, "99.99.9999") || (day_first && begins_like(full, "99/99/9999")))
        date = arena_printf(arena, "%.4s-%.2s-%.2s", full + 6, full + 3, full);
    else if (begins_like(full, "99/99/9999"))
        date = arena_printf(arena, "%.4s-%.2s-%.2s", full + 6, full, full + 3);
    return date_parse(&day, date, strlen(date)) ? date : text;
}

const char *erp_part_number(const char *text, struct arena *arena)
{
    const char *end = *text == '[' ? strstr(text, "] ") : NULL;
    return end ? arena_strndup(arena, text + 1, (size_t)(end - text - 1)) : text;
}
