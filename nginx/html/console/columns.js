// SPDX-License-Identifier: GPL-3.0-or-later
// Which column is what: by the names that exports of common ERP systems give them, English and German.

const words = (text) => text.trim().split(/\s+/);

export const targets = [
    {
        name: 'part_number', text: 'Part number', needed: true,
        names: words(`
            partnumber partno part item itemno itemnumber itemcode material materialnumber matnr sku article
            articleno artikel artikelnr artikelnummer materialnummer materialnr teilenummer teilenr
            sachnummer product productcode zeichnungsnummer`),
    },
    {
        name: 'work_order_id', text: 'Work order number', needed: true,
        names: words(`
            workorderid workorder workorderno workordernumber wo wono orderid orderno ordernumber order
            aufnr job jobno jobnumber productionorder productionorderno prodorderno manufacturingorder mo
            auftrag auftragsnr auftragsnummer fertigungsauftrag betriebsauftrag fanr banr externalref
            documentno`),
    },
    {
        name: 'quantity', text: 'Quantity made', needed: true,
        names: words(`
            quantity qty lotsize menge stueckzahl stuckzahl anzahl losgroesse losgrosse completedqty
            qtycompleted finishedqty finishedquantity yield gutmenge istmenge wemng gamng
            deliveredquantity orderqty orderquantity pieces`),
    },
    {
        name: 'total_cost', text: 'Total cost of the order',
        names: words(`
            totalcost totalcosts actualcost actualcosts actualtotalcost actualtotal cost costs amount
            totalamount istkosten gesamtkosten kosten herstellkosten totalactualcost totalactcosts betrag
            wkgbtr value postedcost`),
    },
    {
        name: 'unit_cost', text: 'or cost of one piece',
        names: words(`
            unitcost actualunitcost costperunit costperpiece unitprice price stueckkosten stuckkosten
            stueckpreis stuckpreis einzelpreis preis`),
    },
    {
        name: 'supplier', text: 'Supplier, plant or line',
        names: words(`
            supplier suppliername vendor vendorno vendorname lieferant lifnr kreditor plant werk werks site
            line workcenter arbeitsplatz bin group`),
    },
    {
        name: 'occurred_on', text: 'Date finished',
        names: words(`
            date finished finishdate datefinished enddate occurredon completiondate completedon
            actualfinishdate postingdate budat gltri getri datum enddatum fertigstellungsdatum buchungsdatum
            istende fertigmeldung quotedate orderdate`),
    },
    {
        name: 'annual_forecast', text: 'Pieces a year',
        names: words(`
            annualforecast annualvolume annualusage annualquantity jahresmenge jahresbedarf yearlyvolume eau`),
    },
];

// without case, accents, signs and a unit in brackets
const plain = (name) =>
    name
        .toLowerCase()
        .replace(/[([].*?[)\]]/g, '')
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .replace(/ß/g, 'ss')
        .replace(/[^a-z0-9]/g, '');

// {target name: column index}: the exact names first in the order of the lists, then a name that begins with one
export function recognise(header) {
    const names = header.map(plain);
    const taken = new Set();
    const found = {};
    const take = (target, index) => {
        if (index < 0 || found[target.name] !== undefined) return;
        found[target.name] = index;
        taken.add(index);
    };
    const free = (fits) => names.findIndex((name, i) => name && !taken.has(i) && fits(name));
    for (const target of targets) for (const known of target.names) take(target, free((name) => name === known));
    for (const target of targets)
        for (const known of target.names.filter((name) => name.length >= 5))
            take(target, free((name) => name.startsWith(known)));
    if (found.total_cost !== undefined) delete found.unit_cost;
    return found;
}
