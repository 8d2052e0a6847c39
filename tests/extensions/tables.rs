//! What each application's errors are held against: where its specification is wrong, and which required
//! inputs its errors do not give up, with the reason.

use super::Known;

pub(crate) const LENDING: Known = Known {
    corrections: &[(
        "POST /desk/loans/{}/return query shift",
        Some("POST /desk/loans/{}/return cookie shift"),
        "Swagger 2 has no cookies: flask-restx writes a cookie argument down as one of the query",
    )],
    misses: &[],
    misplaced: &[],
};

pub(crate) const GARDEN: Known = Known {
    corrections: &[],
    misses: &[],
    misplaced: &[],
};

pub(crate) const CLINIC: Known = Known {
    corrections: &[],
    misses: &[],
    misplaced: &[],
};

pub(crate) const FERRY: Known = Known {
    corrections: &[],
    misses: &[],
    misplaced: &[],
};

pub(crate) const ORCHARD: Known = Known {
    corrections: &[],
    misses: &[(
        "POST /cellar/barrels/{}/label multipart image",
        "flask-openapi3 names it without a place and without a type, and fails with 500 on a text in its place",
    )],
    misplaced: &["POST /cellar/barrels/{}/label form image"],
};

pub(crate) const MUSEUM: Known = Known {
    corrections: &[],
    misses: &[],
    misplaced: &[],
};

/// Eve-Swagger gives all methods of a resource one schema.
const PARTIAL: &str = "a PATCH changes what it names, and demands no field";

pub(crate) const APIARY: Known = Known {
    corrections: &[
        ("PATCH /club/harvests/{} json blossoms", None, PARTIAL),
        ("PATCH /club/harvests/{} json drawn_on", None, PARTIAL),
        ("PATCH /club/harvests/{} json hive", None, PARTIAL),
        ("PATCH /club/harvests/{} json kilograms", None, PARTIAL),
        ("PATCH /club/hives/{} json frames", None, PARTIAL),
        ("PATCH /club/hives/{} json plate", None, PARTIAL),
        ("PATCH /club/hives/{} json position.meadow", None, PARTIAL),
        ("PATCH /club/hives/{} json position.row", None, PARTIAL),
        ("PATCH /club/hives/{} json strain", None, PARTIAL),
        ("PATCH /club/members/{} json joined", None, PARTIAL),
        ("PATCH /club/members/{} json nickname", None, PARTIAL),
    ],
    misses: &[],
    misplaced: &[],
};
