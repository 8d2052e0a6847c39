"""Headers, well-known files, feeds, JSON and other documents: RFC 8288 (Link), RFC 9110, CSP 3, RFC 9309
(robots), sitemaps.org, RFC 9116 (security.txt), Web App Manifest, RSS 2.0, RFC 4287 (Atom), HAL, JSON:API 1.1,
Eve, Siren, Collection+JSON, RFC 8414 and OpenID Connect Discovery, OpenSearch 1.1.
"""

import gzip
import json

from . import HTML, JSON, Chapter

header = Chapter("header")
document = Chapter("document")
hyper = Chapter("json")
PAGE = "<!DOCTYPE html><title>x</title><p>A page"
XML = "application/xml"

for name, headers in {
    "link": {"Link": '<@T>; rel="next"'},
    "link-several": {"Link": '<#a>; rel="x"; title="a, b", <../../reached/@SLUG>; rel=last'},
    "content-location": {"Content-Location": "@T"},
    "refresh": {"Refresh": "900; url=@T"},
    "csp-report-uri": {"Content-Security-Policy": "default-src 'self'; report-uri @T"},
    "csp-report-only": {"Content-Security-Policy-Report-Only": "default-src 'self'; report-uri @ORIGIN@T"},
    "reporting-endpoints": {"Reporting-Endpoints": 'main="@T"'},
    "report-to": {"Report-To": '{"group": "x", "max_age": 60, "endpoints": [{"url": "@ORIGIN@T"}]}'},
    "source-map": {"SourceMap": "@T"},
    "x-source-map": {"X-SourceMap": "@T"},
    "speculation-rules": {"Speculation-Rules": '"@T"'},
    "pingback": {"X-Pingback": "@ORIGIN@T"},
    "location-on-success": {"Location": "@T"},
    "cookie-path": {"Set-Cookie": "a=b; Path=@T"},
    "own-header": {"X-Next-Page": "@T"},
    "auth-challenge": {"WWW-Authenticate": 'Bearer realm="x", authorization_uri="@ORIGIN@T"'},
}.items():
    header.way(name, PAGE, headers=headers)
header.way("location-302", "", status=302, headers={"Location": "@T"})
header.way("location-307-relative", "", status=307, headers={"Location": "../../reached/@SLUG"})
header.way("location-201", "{}", kind=JSON, status=201, headers={"Location": "@T"})
header.way("location-and-body", '<a href="@T">go</a>', status=302, headers={"Location": "/"})
header.way("challenge-401", PAGE, status=401, headers={"WWW-Authenticate": 'Bearer resource_metadata="@ORIGIN@T"'})


def linked(name, file, kind, text, page='<link rel="alternate" href="{}">'):
    document.way(name, page.replace("{}", file), files={file: (kind, text)})


# The files at well-known places are one way each: `app.py` joins them.
for name in (
    "robots-disallow", "robots-allow", "robots-sitemap", "robots-comment", "sitemap", "sitemap-index-gzip", "sitemap-image", "sitemap-alternate",
    "security-txt",
):  # fmt: skip
    document.way(name, None)

MANIFEST = '<link rel="manifest" href="{}">'
for name, part in {
    "manifest-start-url": {"start_url": "@T"},
    "manifest-icon": {"icons": [{"src": "../../reached/@SLUG", "sizes": "1x1"}]},
    "manifest-shortcut": {"shortcuts": [{"name": "x", "url": "@T"}]},
    "manifest-share-target": {"share_target": {"action": "@T", "method": "GET", "params": {"title": "t"}}},
    "manifest-protocol-handler": {"protocol_handlers": [{"protocol": "web+x", "url": "@T?u=%s"}]},
    "manifest-file-handler": {"file_handlers": [{"action": "@T", "accept": {"text/csv": ".csv"}}]},
    "manifest-scope": {"scope": "@T"},
}.items():
    linked(name, "app.webmanifest", "application/manifest+json", json.dumps(part), MANIFEST)

ITEM = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="c"><channel><title>x</title><item>{}</item></channel></rss>'
for name, part in {
    "rss-link": "<link>@ORIGIN@T</link>",
    "rss-guid": '<guid isPermaLink="true">@ORIGIN@T</guid>',
    "rss-comments": "<comments>@T</comments>",
    "rss-enclosure": '<enclosure url="@T" type="audio/mpeg"/>',
    "rss-description": "<description>&lt;a href=&quot;@T&quot;&gt;go&lt;/a&gt;</description>",
    "rss-content": '<content:encoded><![CDATA[<p><a href="@T">go</a></p>]]></content:encoded>',
    "rss-atom-link": '<atom:link rel="self" href="@T"/>',
}.items():
    linked(name, "feed.xml", "application/rss+xml", ITEM.replace("{}", part))
ENTRY = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>{}</entry></feed>'
for name, part in {
    "atom-link": '<link rel="alternate" href="@T"/>',
    "atom-content-src": '<content src="@T"/>',
    "atom-content-html": '<content type="html">&lt;img src="@T"&gt;</content>',
    "atom-id": "<id>@ORIGIN@T</id>",
    "atom-icon": "<icon>@T</icon>",
    "atom-base": '<link xml:base="/reached/" href="@SLUG"/>',
}.items():
    linked(name, "feed.atom", "application/atom+xml", ENTRY.replace("{}", part))
linked("humans-txt", "humans.txt", "text/plain", "/* TEAM */\nSite: @ORIGIN@T\n", '<link rel="author" href="{}">')
linked("llms-txt", "llms.txt", "text/plain", "# X\n\n- [There](@T): the list\n")
linked("openid-configuration", "openid-configuration", JSON, '{"issuer": "@ORIGIN", "userinfo_endpoint": "@ORIGIN@T"}')
linked("oauth-authorization-server", "oauth", JSON, '{"issuer": "@ORIGIN", "jwks_uri": "@ORIGIN@T"}')
linked("json-feed", "feed.json", "application/feed+json", '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "@T"}]}')
linked("opml", "list.opml", "text/x-opml", '<opml><body><outline type="rss" xmlUrl="@T"/></body></opml>')
linked("xml-stylesheet", "x.xml", XML, '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="@T"?><a/>')
linked("xml-text", "x.xml", XML, "<answer><next>@T</next></answer>")
linked("xml-attribute", "x.xml", XML, '<answer next="@T"/>')
linked("xml-xlink", "x.xml", XML, '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="@T"/>')
linked("xml-include", "x.xml", "text/xml", '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="@T"/></a>')
linked("xml-entity", "x.xml", XML, '<!DOCTYPE a [<!ENTITY x SYSTEM "@T">]><a>&x;</a>')
linked("xml-schema-location", "x.xml", XML, '<a xsi:noNamespaceSchemaLocation="@T"/>')
linked("wsdl-address", "x.wsdl", "text/xml", '<definitions><service><port><soap:address location="@ORIGIN@T"/></port></service></definitions>')
linked("browserconfig", "browserconfig.xml", XML, '<browserconfig><msapplication><tile><square70x70logo src="@T"/></tile></msapplication></browserconfig>', '<meta name="msapplication-config" content="{}">')
linked("opensearch", "search.xml", "application/opensearchdescription+xml", '<OpenSearchDescription><Url type="text/html" template="@ORIGIN@T?q={searchTerms}"/></OpenSearchDescription>', '<link rel="search" href="{}">')
linked("app-cache-manifest", "x.appcache", "text/cache-manifest", "CACHE MANIFEST\n# v1\n@T\nNETWORK:\n*\n", '<html manifest="{}"><p>x')
linked("markdown", "x.md", "text/markdown", "# Notes\n\nSee [there](@T) and *more*.\n", '<a href="{}">x</a>')
linked("markdown-relative", "x.md", "text/markdown", "[there](../../reached/@SLUG)\n", '<a href="{}">x</a>')
linked("plain-text-rooted", "x.txt", "text/plain", "The list is at @T, ask for it.", '<a href="{}">x</a>')
linked("plain-text-relative", "x.txt", "text/plain", "cat ../../reached/@SLUG", '<a href="{}">x</a>')
linked("plain-text-curl", "x.txt", "text/plain", "curl -X GET 'http://@HOST@T' -H 'Accept: */*'", '<a href="{}">x</a>')
linked("csv", "x.csv", "text/csv", "name,where\nthere,@T\n", '<a href="{}">x</a>')
linked("yaml", "x.yaml", "application/yaml", "there: @T\n", '<a href="{}">x</a>')
linked("calendar", "x.ics", "text/calendar", "BEGIN:VCALENDAR\r\nURL:@ORIGIN@T\r\nEND:VCALENDAR\r\n", '<a href="{}">x</a>')
linked("event-stream", "x.events", "text/event-stream", 'data: {"next": "@T"}\n\n', '<a href="{}">x</a>')
linked("web-vtt", "x.vtt", "text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nsee @T\n", '<video><track src="{}"></video>')
linked("sitemap-text", "urls.txt", "text/plain", "@ORIGIN@T\n", '<a href="{}">x</a>')
linked("log-lines", "x.log", "text/plain", '127.0.0.1 - - [24/Nov/2026 10:00:00] "GET @T HTTP/1.1" 200 -\n', '<a href="{}">x</a>')

for name, value in {
    "url": {"url": "@T"},
    "href": {"href": "@T"},
    "self": {"self": "@ORIGIN@T"},
    "next": {"items": [], "next": "../../reached/@SLUG"},
    "next-query": {"items": [{"a": 1}], "next": "?after=x"},
    "eve-links": {"_links": {"self": {"href": "json/eve-links/"}, "child": [{"href": "reached/@SLUG"}]}},
    "bare-path": ["@T"],
    "bare-path-in-text": {"message": "moved to @T for good"},
    "named-endpoints": {"current_user_url": "@ORIGIN@T", "other": 1},
    "map-of-paths": {"routes": {"@T": ["GET"]}},
    "routes-list": {"routes": ["GET @T"]},
    "deep": {"a": [{"b": {"c": [[{"d": "@T"}]]}}]},
    "html-in-string": {"html": '<p><a href="@T">go</a></p>'},
    "escaped-json-in-string": {"payload": '{"next": "@T"}'},
    "markdown-in-string": {"readme": "see [there](../../reached/@SLUG)"},
    "json-ld-id": {"@context": "x", "@id": "@T"},
    "siren": {"class": ["x"], "links": [{"rel": ["self"], "href": "#"}], "actions": [{"name": "list", "method": "GET", "href": "@T", "fields": []}]},
    "json-home": {"resources": {"tag:x": {"href": "@T", "hints": {"allow": ["GET"]}}}},
    "collection-json": {"collection": {"version": "1.0", "queries": [{"rel": "search", "href": "@T", "data": [{"name": "search", "value": ""}]}]}},
    "odata-next": {"value": [], "@odata.nextLink": "@ORIGIN@T"},
    "hydra": {"hydra:view": {"hydra:next": "@T"}},
    "location-field": {"status": "created", "location": "@T"},
    "links-array": {"links": [{"rel": "next", "uri": "@T"}]},
    "avatar": {"user": {"avatar": "@T"}},
}.items():
    hyper.way(name, json.dumps(value), kind=JSON)
hyper[[way.name for way in hyper].index("next-query")].files["?after=x"] = (JSON, '{"items": [], "url": "@T"}')
hyper.way("hal-links", '{"_links": {"self": {"href": "#"}, "there": {"href": "@T"}}}', kind="application/hal+json")
hyper.way("hal-link-list", '{"_links": {"item": [{"href": "@T"}]}}', kind="application/hal+json")
hyper.way("hal-embedded", '{"_embedded": {"item": [{"_links": {"self": {"href": "@T"}}}]}}', kind="application/hal+json")
hyper.way("hal-templated", '{"_links": {"find": {"href": "@T{?name,size}", "templated": true}}}', kind="application/hal+json")
hyper.way("hal-templated-path", '{"_links": {"one": {"href": "@T/{ident}", "templated": true}}}', kind="application/hal+json", method="TEMPLATE")
hyper.way("json-api-links", '{"data": [], "links": {"next": "@T"}}', kind="application/vnd.api+json")
hyper.way("json-api-link-object", '{"data": {"type": "a", "id": "1", "links": {"self": {"href": "@T", "meta": {}}}}}', kind="application/vnd.api+json")
hyper.way("json-api-related", '{"data": {"type": "a", "id": "1", "relationships": {"b": {"links": {"related": "@T"}}}}}', kind="application/vnd.api+json")
hyper.way("problem-details", '{"type": "@T", "title": "x", "status": 400}', kind="application/problem+json", status=400)
hyper.way("lines", '{"a": 1}\n{"next": "@T"}\n', kind="application/x-ndjson")
hyper.way("as-html", '{"next": "@T"}', kind=HTML)
hyper.way("as-text", '{"next": "@T"}', kind="text/plain")
hyper.way("byte-order-mark", '\ufeff{"next": "@T"}', kind=JSON)
hyper.way("unicode-escapes", '{"next": "\\u002freached\\/@SLUG"}', kind=JSON)
hyper.way("hijack-prefix", ')]}\',\n{"next": "@T"}', kind=JSON)
hyper.way("with-charset", '{"next": "@T"}', kind="application/json; charset=utf-8")
hyper.way("broken-tail", '{"next": "@T", "items": [1, 2', kind=JSON)
hyper.way("error-status", '{"error": "no", "help": "@T"}', kind=JSON, status=404)

# Ids that fill templates. The detail answers its own id alone.
for name, page, listing in (
    ("id-from-list", "<script>const one = id => fetch(`@DIR/items/${id}`); fetch('@DIR/items')</script>", [{"id": "mzqk", "label": "x"}]),
    ("object-id-from-list", "<script>const one = id => fetch('@DIR/items/' + id); fetch('@DIR/items')</script>", [{"_id": "65f1c0ffee0ddba11ca7f00d", "label": "x"}]),
    ("extended-json-id", "<script>const one = id => fetch('@DIR/items/' + id); fetch('@DIR/items')</script>", [{"_id": {"$oid": "65f1c0ffee0ddba11ca7f00e"}, "label": "x"}]),
    ("named-id-from-list", "<script>const one = id => fetch('@DIR/items/' + id); fetch('@DIR/items')</script>", {"items": [{"item_id": 48213, "label": "x"}]}),
    ("slug-from-list", "<script>const one = slug => fetch('@DIR/items/' + slug); fetch('@DIR/items')</script>", {"data": [{"slug": "green-tea", "label": "x"}]}),
    ("id-from-keys", "<script>const one = id => fetch('@DIR/items/' + id); fetch('@DIR/items')</script>", {"48214": {"label": "x"}, "48215": {"label": "y"}}),
    ("id-in-sub-resource", "<script>const one = id => fetch(`@DIR/items/${id}/parts`); fetch('@DIR/items')</script>", [{"id": 48216, "label": "x"}]),
    ("id-without-template", "<a href='@DIR/items'>x</a>", [{"id": 48217, "label": "x"}, {"id": 48218, "label": "y"}]),
    ("id-in-html-table", "<script>const one = id => fetch('@DIR/items/' + id)</script><table><tr data-id=48219><td>x</table>", []),
    ("name-list", "<script>const one = name => fetch('@DIR/items/' + name); fetch('@DIR/items')</script>", ["zirbel", "larch"]),
):
    hyper.way(name, page, files={"items": (JSON, json.dumps(listing))})

IDS = {
    "id-from-list": "mzqk", "object-id-from-list": "65f1c0ffee0ddba11ca7f00d", "extended-json-id": "65f1c0ffee0ddba11ca7f00e", "named-id-from-list": "48213",
    "slug-from-list": "green-tea", "id-from-keys": "48214", "id-in-sub-resource": "48216/parts", "id-without-template": "48217",
    "id-in-html-table": "48219", "name-list": "zirbel",
}  # fmt: skip
for way in hyper:
    if way.name in IDS:
        way.files[f"items/{IDS[way.name]}"] = (JSON, '{"label": "x", "more": "@T"}')


def well_known(fill):
    """The files at their own places: path -> (kind, text, headers). `fill(name, text)` writes a way's marks."""
    urls = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:xhtml='http://www.w3.org/1999/xhtml' xmlns:image='i'>{}</urlset>"
    index = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>@ORIGIN/maps/one.xml.gz</loc></sitemap></sitemapindex>"
    robots = "\n".join(
        [
            fill("robots-comment", "# @T was here"),
            "User-agent: *",
            fill("robots-disallow", "Disallow: @T$"),
            fill("robots-allow", "allow:@T # not this"),
            fill("robots-sitemap", "Sitemap: @ORIGIN/maps/from-robots.xml"),
            "Sitemap: /maps/index.xml",
        ]
    )
    return {
        "/robots.txt": ("text/plain", robots, {}),
        "/maps/from-robots.xml": (XML, fill("robots-sitemap", urls.replace("{}", "<url><loc>@ORIGIN@T</loc></url>")), {}),
        "/sitemap.xml": (
            XML,
            urls.replace(
                "{}",
                fill("sitemap", "<url><loc>@ORIGIN@T?a=1&amp;b=2</loc></url>")
                + fill("sitemap-image", "<url><loc>@ORIGIN/</loc><image:image><image:loc>@ORIGIN@T</image:loc></image:image></url>")
                + fill("sitemap-alternate", "<url><loc>@ORIGIN/</loc><xhtml:link rel='alternate' hreflang='de' href='@ORIGIN@T'/></url>"),
            ),
            {},
        ),
        "/maps/index.xml": (XML, fill("sitemap-index-gzip", index), {}),
        "/maps/one.xml.gz": ("application/x-gzip", gzip.compress(fill("sitemap-index-gzip", urls.replace("{}", "<url><loc>@ORIGIN@T</loc></url>")).encode()), {}),
        "/.well-known/security.txt": ("text/plain", fill("security-txt", "Contact: mailto:s@example.com\nPolicy: @ORIGIN@T\nExpires: 2030-01-01T00:00:00Z\n"), {}),
    }
