//! Paths that Flask applications really have.
//!
//! Owns: the lists. Leaves out: asking (the frontier), and telling a page from a catch-all
//! (`absent.rs`).

/// Where Flask extensions serve their specification, and the pages that show it. First, since a
/// specification says more than a crawl.
pub(super) const SPECIFICATIONS: [&str; 25] = [
    "/openapi.json",
    "/swagger.json",
    "/openapi.yaml",
    "/swagger.yaml",
    "/apispec_1.json",
    "/apispec.json",
    "/api-docs",
    "/api/openapi.json",
    "/api/swagger.json",
    "/api/v1/openapi.json",
    "/api/v1/swagger.json",
    "/docs/openapi.json",
    "/openapi/openapi.json",
    "/api/docs/openapi.json",
    "/swagger/v1/swagger.json",
    "/api-spec.json",
    "/v1/openapi.json",
    "/v2/openapi.json",
    "/api/spec",
    "/ui/",
    "/doc/",
    "/spec",
    "/static/swagger.json",
    "/static/openapi.json",
    "/swagger-ui",
];

/// Files that say what else there is.
pub(super) const FILES: [&str; 3] = ["/robots.txt", "/sitemap.xml", "/.well-known/security.txt"];

/// Pages that Flask applications have at their root.
pub(super) const ROOT: [&str; 51] = [
    "/api",
    "/api/v1",
    "/docs",
    "/swagger",
    "/redoc",
    "/apidocs",
    "/login",
    "/register",
    "/admin",
    "/config",
    "/debug",
    "/debug/config",
    "/admin/config",
    "/settings",
    "/health",
    "/healthz",
    "/status",
    "/metrics",
    "/info",
    "/version",
    "/env",
    "/.env",
    "/.git/HEAD",
    "/backup.sql",
    "/dump.sql",
    "/console",
    "/users",
    "/keys",
    "/api/keys",
    "/api/users",
    "/api/config",
    "/api/debug",
    "/api/health",
    "/api/status",
    "/export",
    "/search",
    "/profile",
    "/me",
    "/account",
    "/dashboard",
    "/stats",
    "/logs",
    "/test",
    "/ping",
    "/graphql",
    "/api/graphql",
    "/graphiql",
    "/webhook",
    "/webhooks",
    "/rq",
    "/flask-profiler",
];

/// What stands under a blueprint's prefix.
pub(super) const PREFIXED: [&str; 14] = [
    "openapi.json",
    "swagger.json",
    "config",
    "debug",
    "export",
    "admin",
    "status",
    "health",
    "users",
    "keys",
    "settings",
    "me",
    "search",
    "docs",
];

/// Prefixes that get guesses of their own, at most.
pub(super) const MAX_PREFIXES: usize = 10;
