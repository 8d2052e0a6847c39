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
};

pub(crate) const GARDEN: Known = Known {
    corrections: &[],
    misses: &[],
};

pub(crate) const CLINIC: Known = Known {
    corrections: &[],
    misses: &[],
};

pub(crate) const FERRY: Known = Known {
    corrections: &[],
    misses: &[],
};

pub(crate) const ORCHARD: Known = Known {
    corrections: &[],
    misses: &[],
};

pub(crate) const MUSEUM: Known = Known {
    corrections: &[],
    misses: &[],
};

pub(crate) const APIARY: Known = Known {
    corrections: &[],
    misses: &[],
};
