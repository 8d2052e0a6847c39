//! The depot has no page, no link and no specification; its errors are the only source. What each of them
//! prints must be in the surface after a scan.

/// A route or an input that an error text prints: `METHOD path place name` and, in words, what it asks for.
/// Read as: all the words of a line stand in one line of the surface.
pub(crate) const ALWAYS: &[&str] = &[
    // A sentence of one's own at the root.
    "GET /carriers query country required",
    "POST /carriers json carrier_name required",
    "POST /carriers json tracking_url required",
    "POST /carriers json max_weight required",
    "PUT /carriers/{carrier_id} path carrier_id required",
    "PUT /carriers/{carrier_id} json contract_no required",
    "POST /hooks json url required",
    "POST /hooks json secret required",
    "POST /hooks json event_type required",
    // marshmallow
    "POST /parcels json reference required string min-length 6 max-length 18",
    "POST /parcels json service required string of express|economy|freight",
    "POST /parcels json grams required integer",
    "POST /parcels json insured required boolean",
    "POST /parcels json notify required email",
    "POST /parcels json ready_at required date-time",
    "POST /parcels json consignee.town required string",
    "POST /parcels json consignee.postcode required integer",
    // webargs
    "GET /rates query zone required integer",
    "GET /rates query service required",
    "POST /pallets json height_cm required integer",
    "POST /pallets json stackable required boolean",
    "POST /pallets query dock required",
    "POST /gates form plate_number required",
    "POST /gates form axles required integer",
    "POST /gates header x-gate-pass required",
    "POST /gates cookie lane required",
    // Flask-RESTful: its own messages, and a help text in place of one.
    "POST /rest/claims json parcel_ref required",
    "POST /rest/claims json damage required",
    "POST /rest/claims json amount required number",
    // WTForms
    "POST /labels form recipient required min-length 2 max-length 35",
    "POST /labels form format required",
    "POST /labels form copies required integer min 1 max 9",
    "POST /labels form collected required date",
    "POST /labels form contact required email",
    "POST /labels form colour required of red|blue",
    // pydantic, as data and as text
    "POST /lockers json station required string max-length 20",
    "POST /lockers json compartments required integer",
    "POST /lockers json slots[].weekday required integer",
    "POST /lockers json slots[].begins required",
    "POST /lockers json outdoor required boolean",
    "POST /drivers json licence required string",
    "POST /drivers json born required integer",
    // voluptuous
    "POST /weights json scale_no required integer",
    "POST /weights json unit required of kg|lb",
    "POST /weights json operator required",
    // Cerberus
    "POST /customs json tariff_code required string like [0-9]{6}",
    "POST /customs json origin required string",
    "POST /customs json pieces required integer",
    // jsonschema
    "POST /invoices json debtor.vat_id required string",
    "POST /invoices json net required number",
    "POST /invoices json due_on required string",
    // Routes whose errors say nothing outside of debug mode.
    "GET /yard/bays",
    "GET /yard/plan",
    "GET /departures",
    "POST /scans",
];

/// What only debug mode prints: Werkzeug's names of missing keys, and the source around a failing line.
pub(crate) const IN_DEBUG_MODE: &[&str] = &[
    "POST /scans form device_id required",
    "POST /scans form barcode required",
    "GET /yard/bays query side required",
    "POST /yard/bays/{bay}/assign json truck_id",
    "POST /yard/bays/{bay}/assign header x-yard-token",
    "POST /yard/bays/{bay}/assign cookie crew",
    "GET /departures query truck",
    "POST /arrivals multipart manifest",
    "POST /arrivals multipart seal_no",
];
