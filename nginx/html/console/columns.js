// SPDX-License-Identifier: GPL-3.0-or-later
// Which column is what: by the names that exports of common ERP systems give them, English and German.

const words = (text) => text.trim().split(/\s+/);

const part_number = {
    name: 'part_number', text: 'Part number', needed: true,
    names: words(`
        partnumber partno part item itemno itemnumber itemcode material materialnumber matnr sku article
        articleno artikel artikelnr artikelnummer materialnummer materialnr teilenummer teilenr
        sachnummer product productcode zeichnungsnummer`),
};

export const orderTargets = [
    part_number,
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

// a row an operation; what belongs to the part stands in its first row or in all of them
export const partTargets = [
    part_number,
    { name: 'name', text: 'Name', names: words('name description partname bezeichnung benennung kurztext maktx') },
    { name: 'revision_code', text: 'Revision', names: words('revision rev revisioncode index zeichnungsindex aeindex') },
    {
        name: 'material_ref', text: 'Material', needed: true,
        names: words('materialref material rawmaterial materialgrade grade werkstoff wrkst alloy'),
    },
    {
        name: 'gross_mass_kg', text: 'Weight bought', needed: true,
        names: words(`
            grossmasskg grossmass grossweight grossweightkg weightgross bruttogewicht brgew rohgewicht
            einsatzgewicht weight gewicht mass`),
    },
    {
        name: 'net_mass_kg', text: 'Weight of the part',
        names: words('netmasskg netmass netweight netweightkg weightnet nettogewicht ntgew fertiggewicht'),
    },
    { name: 'scrap_rate', text: 'Scrap', names: words('scraprate scrap ausschuss ausschussquote rejectrate') },
    {
        name: 'tooling_cost', text: 'Tooling cost',
        names: words('toolingcost tooling toolcost fixturecost werkzeugkosten vorrichtungskosten'),
    },
    {
        name: 'external_per_part', text: 'Bought work, a piece',
        names: words(`
            externalperpart externalcost external outsidecost outsideprocessing subcontract fremdleistung
            fremdbearbeitung fremdkosten`),
    },
    { name: 'external_per_lot', text: 'Bought work, a lot', names: words('externalperlot lotcharge fremdkostenlos') },
    {
        name: 'klass', text: 'Machine class or work centre',
        names: words(`
            klass class machineclass workcenter workcentre workcenterno arbeitsplatz arbpl machine machinegroup
            maschine maschinengruppe maschinenklasse resource ressource`),
    },
    {
        name: 'sequence', text: 'Operation number',
        names: words('sequence seq operationno operationnumber opno op operation vornr vorgang vorgangsnummer step ag afo'),
    },
    {
        name: 'setup_time_s', text: 'Setup time, a lot',
        names: words('setuptimes setuptime setup setupmin ruestzeit rustzeit vgw01 tr changeover'),
    },
    {
        name: 'cycle_time_s', text: 'Cycle time',
        names: words(`
            cycletimes cycletime cycle runtime runtimeperpiece timeperpiece unittime stueckzeit stuckzeit
            bearbeitungszeit maschinenzeit vgw02 te`),
    },
    { name: 'parts_per_cycle', text: 'Pieces a cycle', names: words('partspercycle piecespercycle cavities kavitaeten') },
    {
        name: 'labour_category', text: 'Labour category',
        names: words('labourcategory laborcategory labour labor labourgrade lohngruppe lohnart'),
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
export function recognise(header, targets) {
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
