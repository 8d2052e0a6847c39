"""Elements, attributes and texts of HTML, after the HTML Living Standard (elements and attributes indices, 4.2.4
for links, 15 for obsolete features), SVG 2, and what browsers read where a page is broken.
"""

import base64
import gzip

from . import HTML, Chapter

chapter = Chapter("html")

PAGE = "<!DOCTYPE html><html><head><title>page</title></head><body><h1>A page</h1>{}</body></html>"
HEAD = "<!DOCTYPE html><html><head><title>page</title>{}</head><body><h1>A page</h1></body></html>"

chapter.pages(
    r"""
a-href: <a href="@T">go</a>
a-href-unquoted-uppercase: <A CLASS=x HREF = @T>go</A>
a-href-single-quoted: <a href='@T'>go</a>
a-href-relative: <a href="../../reached/@SLUG">go</a>
a-href-character-references: <a href="&#47;reached&#x2f;@SLUG&quest;a=1&amp;b=2">go</a>
a-href-absolute: <a href="@ORIGIN@T">go</a>
a-href-scheme-relative: <a href="//@HOST@T">go</a>
a-href-scheme-uppercase: <a href="HTTP://@HOST@T">go</a>
a-href-backslashes: <a href="\reached\@SLUG">go</a>
a-href-percent-encoded: <a href="/%72eached/@SLUG">go</a>
a-href-dot-segments: <a href="/nowhere/./.././reached/@SLUG">go</a>
a-href-spaces-around: <a href="   @T   ">go</a>
a-href-target-blank: <a href="@T" target="_blank" rel="noopener nofollow ugc">go</a>
a-href-in-button-role: <div role="button"><a role="menuitem" tabindex="-1" href="@T" hidden>go</a></div>
a-href-with-fragment: <a href="@T#part">go</a>
a-ping: <a href="#" ping="@T">go</a>
area-href: <img usemap="#m" alt=""><map name="m"><area shape="default" href="@T" alt=""></map>
img-src: <img src="@T" alt="">
img-srcset: <img srcset="data:image/gif;base64,R0lGODlhAQABAAAAACw= 1x, @T 2x" alt="">
img-srcset-widths: <img sizes="50vw" srcset="@T 480w,#x 800w" alt="">
img-longdesc: <img longdesc="@T" alt="">
img-lowsrc: <img lowsrc="@T" alt="">
img-dynsrc: <img dynsrc="@T" alt="">
img-attributionsrc: <img attributionsrc="@T" alt="">
image-element: <image src="@T">
picture-source: <picture><source media="(min-width: 1px)" srcset="@T"><img alt=""></picture>
iframe-src: <iframe src="@T"></iframe>
iframe-srcdoc: <iframe srcdoc="&lt;p&gt;&lt;a href=&quot;@T&quot;&gt;go&lt;/a&gt;"></iframe>
iframe-longdesc: <iframe longdesc="@T"></iframe>
iframe-fallback: <iframe><a href="@T">go</a></iframe>
object-data: <object data="@T"></object>
object-classid: <object classid="@T"></object>
object-codebase: <object codebase="/reached/" data="@SLUG"></object>
object-archive: <object archive="#a @T"></object>
object-param: <object><param name="movie" value="@T"></object>
object-fallback: <object data="#"><a href="@T">go</a></object>
embed-src: <embed src="@T">
embed-pluginspage: <embed pluginspage="@T">
applet-code: <applet codebase="/reached" code="@SLUG"></applet>
applet-archive: <applet archive="@T"></applet>
audio-src: <audio src="@T"></audio>
audio-source: <audio><source src="@T" type="audio/ogg"></audio>
video-src: <video src="@T"></video>
video-poster: <video poster="@T"></video>
video-track: <video><track kind="captions" src="@T"></video>
blockquote-cite: <blockquote cite="@T">words</blockquote>
q-cite: <q cite="@T">words</q>
ins-cite: <ins cite="@T">words</ins>
struck-cite: <del cite="@T">words</del>
table-background: <table background="@T"><tr><td></table>
td-background: <table><tr><td background="@T"></table>
tr-background: <table><tr background="@T"><td></table>
bgsound-src: <bgsound src="@T">
input-image: <input type="image" src="@T" alt="">
menuitem-icon: <menu type="context"><menuitem icon="@T"></menu>
xml-src: <xml src="@T"></xml>
layer-src: <layer src="@T"></layer>
portal-src: <portal src="@T"></portal>
form-action: <form action="@T"><input name="a"></form>
button-formaction: <form action="#"><button formaction="@T">go</button></form>
input-formaction: <form action="#"><input type="submit" formaction="@T"></form>
isindex-action: <isindex action="@T" prompt="find">
svg-a-href: <svg><a href="@T"><text>go</text></a></svg>
svg-a-xlink: <svg xmlns:xlink="http://www.w3.org/1999/xlink"><a xlink:href="@T"><text>go</text></a></svg>
svg-use: <svg><use href="@T#shape"></use></svg>
svg-image: <svg><image xlink:href="@T"/></svg>
svg-feimage: <svg><filter><feImage href="@T"/></filter></svg>
svg-script: <svg><script href="@T"></script></svg>
svg-animate: <svg><a><animate attributeName="href" values="#;@T"/><text>go</text></a></svg>
svg-set: <svg><a><set attributeName="href" to="@T"/><text>go</text></a></svg>
svg-foreign-object: <svg><foreignObject><p><a href="@T">go</a></p></foreignObject></svg>
svg-style: <svg><style>rect { fill: url(@T) }</style></svg>
svg-fill-attribute: <svg><rect fill="url(@T#g)"/></svg>
svg-title-data-uri: <img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Ca href='@T'/%3E%3C/svg%3E" alt="">
html-data-uri: <iframe src="data:text/html,<a href='@ORIGIN@T'>go</a>"></iframe>
mathml-href: <math><mi href="@T">x</mi></math>
data-url: <div data-url="@T"></div>
data-anything: <div data-where-to="@T"></div>
data-json: <div data-options='{"load": {"from": "@T"}}'></div>
data-list: <div data-pages="one,@T"></div>
htmx-get: <button hx-get="@T">go</button>
htmx-data-prefix: <button data-hx-get="@T">go</button>
alpine-fetch: <div x-data="{}" x-init="fetch('@T').then(r => r.json())"></div>
alpine-event: <button @click="location.href = '@T'">go</button>
vue-bound: <a :href="'@T'">go</a>
vue-event: <button v-on:click="$http.get('@T')">go</button>
angular-ng-href: <a ng-href="@T">go</a>
angular-ng-include: <div ng-include="'@T'"></div>
unpoly: <div up-href="@T"></div>
turbo-frame: <turbo-frame id="x" src="@T"></turbo-frame>
custom-element: <my-viewer source="@T"></my-viewer>
stimulus-value: <div data-controller="load" data-load-url-value="@T"></div>
onclick-location: <button onclick="location='@T'">go</button>
onclick-window-open: <button onclick="window.open(&quot;@T&quot;, 'w')">go</button>
onchange-this-form: <select onchange="this.form.action='@T'"><option>a</select>
onerror-src: <img src=# onerror="this.src='@T'" alt="">
onclick-helper: <table><tr onclick="go('@T')"><td>x</table>
javascript-url: <a href="javascript:void(fetch('@T'))">go</a>
javascript-url-encoded: <a href="javascript:location%3D'@T'">go</a>
style-attribute: <p style="background: url('@T')">x</p>
style-element: <style>p { background: url("@T") }</style>
noscript-img: <noscript><img src="@T" alt=""></noscript>
noscript-a: <noscript><p>Or <a href="@T">go</a> there.</noscript>
noframes-a: <noframes><a href="@T">go</a></noframes>
noembed-a: <noembed><a href="@T">go</a></noembed>
template-a: <template><p><a href="@T">go</a></template>
shadow-root: <div><template shadowrootmode="open"><a href="@T">go</a></template></div>
canvas-fallback: <canvas><a href="@T">go</a></canvas>
comment-markup: <!-- <li><a href="@T">go</a></li> -->
comment-words: <!-- TODO: take @T away before the launch -->
comment-full-url: <!-- see @ORIGIN@T. -->
conditional-comment: <!--[if lt IE 9]><script src="@T"></script><![endif]-->
downlevel-revealed: <![if !IE]><a href="@T">go</a><![endif]>
cdata-in-html: <![CDATA[ <a href="@T">go</a> ]]>
text-rooted: <p>The export is at @T now.</p>
text-absolute: <p>Fetch (@ORIGIN@T), please.</p>
text-dot-relative: <p>Look into ./../../reached/@SLUG for it</p>
text-parent-relative: <p>Look into ../../reached/@SLUG for it</p>
text-in-code: <pre><code>curl -s http://@HOST@T | jq .</code></pre>
text-method-and-path: <table><tr><th>GET<td>@T<td>the list</table>
textarea-text: <textarea>@T</textarea>
option-value: <select><option value="@T">there</select>
input-value: <input type="hidden" value="@T">
input-placeholder: <input placeholder="e.g. @T">
title-attribute: <abbr title="see @T">x</abbr>
itemprop-content: <span itemscope><meta itemprop="url" content="@T"></span>
itemid: <div itemscope itemid="@T"></div>
rdfa-resource: <div resource="@T" typeof="Thing"></div>
xmp-text: <xmp><a href="@T">go</a></xmp>
plaintext-text: <plaintext><a href="@T">go</a>
script-text-template: <script type="text/x-handlebars"><li><a href="@T">{{name}}</a></li></script>
script-json: <script type="application/json">{"routes": {"there": "@T"}}</script>
script-json-escaped: <script type="application/json">{"there": "\/reached\/@SLUG"}</script>
script-json-ld: <script type="application/ld+json">{"@type": "Thing", "url": "@T"}</script>
broken-no-end: <a href="@T">go</a
broken-attribute-no-space: <a title="x"href="@T">go</a>
broken-slashes: <a/class="x"/href="@T"/>go
broken-gt-in-attribute: <a title="a > b" href="@T">go</a>
broken-nested: <table><a href="@T"><form><td><select><b>go
broken-duplicate-attribute: <a href="@T" href="/">go</a>
broken-tag-in-tag: <div <a href="@T">go</a>
broken-bogus-comment: <?php echo '<a href="@T">go</a>'; ?>
broken-comment-end: <!-- --!> <a href="@T">go</a>
""",
    PAGE,
)
chapter.pages(
    r"""
link-next: <link rel="next" href="@T">
link-canonical: <link rel="canonical" href="@T">
link-alternate: <link rel="alternate" hreflang="de" href="@T">
link-stylesheet: <link rel="stylesheet" href="@T">
link-icon: <link rel="shortcut icon" href="@T">
link-preload: <link rel="preload" as="fetch" href="@T">
link-modulepreload: <link rel="modulepreload" href="@T">
link-imagesrcset: <link rel="preload" as="image" imagesrcset="@T 1x">
link-dns-prefetch-page: <link rel="prefetch prerender" href="@T">
link-in-noscript: <noscript><link rel="stylesheet" href="@T"></noscript>
script-src: <script src="@T"></script>
script-module-src: <script type="module" src="@T" async></script>
meta-refresh: <meta http-equiv="refresh" content="900; url=@T">
meta-refresh-quoted: <meta http-equiv="Refresh" content="900;URL='@T'">
meta-refresh-comma: <meta http-equiv="refresh" content="900,@T">
meta-csp-report-uri: <meta http-equiv="Content-Security-Policy" content="default-src *; report-uri @T">
meta-open-graph: <meta property="og:image" content="@T">
meta-twitter: <meta name="twitter:player" content="@T">
meta-tile: <meta name="msapplication-TileImage" content="@T">
meta-config: <meta name="msapplication-config" content="@T">
meta-api-base: <meta name="api-endpoint" content="@T">
base-href: <base href="/reached/"><a href="@SLUG">go</a>
base-after-link: <a href="@SLUG">go</a><base href="/reached/">
base-absolute: <base href="@ORIGIN/reached/x/y"><link rel="next" href="../@SLUG">
script-import-map: <script type="importmap">{"imports": {"there": "@T"}}</script>
script-speculation-rules: <script type="speculationrules">{"prefetch": [{"urls": ["@T"]}]}</script>
""",
    HEAD,
)
chapter.way("html-manifest", '<!DOCTYPE html><html manifest="@T"><p>x')
chapter.way("head-profile", '<html><head profile="@T"><title>x</title></head>')
chapter.way("body-background", '<html><body background="@T">x')
chapter.way("frame-src", '<html><frameset cols="*"><frame src="@T"></frameset>')
chapter.way("frame-longdesc", '<html><frameset cols="*"><frame longdesc="@T"></frameset>')
chapter.way("frameset-noframes", '<html><frameset><noframes><p><a href="@T">go</a></noframes></frameset>')
chapter.way("doctype-system", '<!DOCTYPE html SYSTEM "@T"><p>x')
chapter.way("doctype-public", '<!DOCTYPE html PUBLIC "-//X//DTD Y//EN" "@T"><p>x')
chapter.way("multi-line-attribute", '<a\n  class="x"\n  href="/rea\nched/\t@SLUG"\n>go</a>')
chapter.way("null-bytes", '<p>\0<a\0 b hr\0ef="#" href="@T">go</a>')
chapter.way("bare-fragment", '<a href="@T">go')
chapter.way("no-content-type", '<html><a href="@T">go</a></html>', kind="")
chapter.way("xhtml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><a href="@T"/></body></html>', kind="application/xhtml+xml")
chapter.way("utf-16", lambda fill: fill('<html><a href="@T">go</a></html>').encode("utf-16"), kind="text/html")
chapter.way("latin-1", lambda fill: fill('<html><p>d\xe9j\xe0 vu <a href="@T">go</a></html>').encode("latin-1"), kind="text/html; charset=ISO-8859-1")
chapter.way("gzip-encoded", lambda fill: gzip.compress(fill('<html><a href="@T">go</a></html>').encode()), headers={"Content-Encoding": "gzip"})
chapter.way("utf-8-bom", '\ufeff<html><a href="@T">go</a></html>')
chapter.way("error-page", PAGE.replace("{}", '<a href="@T">go</a>'), status=404)
chapter.way("server-error-page", PAGE.replace("{}", '<a href="@T">go</a>'), status=503)
chapter.way("late-in-a-long-page", PAGE.replace("{}", "<p>words and words</p>\n" * 20_000 + '<a href="@T">go</a>'))
chapter.way("deep-in-elements", PAGE.replace("{}", "<div>" * 700 + '<a href="@T">go</a>'))
chapter.way("html-as-plain-text", '<html><body><a href="@T">go</a></body></html>', kind="text/plain")
chapter.way(
    "svg-data-uri-base64",
    lambda fill: '<img alt="" src="data:image/svg+xml;base64,%s">' % base64.b64encode(fill("<svg><a href='@T'/></svg>").encode()).decode(),
)
chapter.way("svg-file", "<p><img alt='' src='picture.svg'>", files={"picture.svg": ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"><a href="@T"/></svg>')})
chapter.way("post-form", '<form action="@T" method="post"><input name="a"></form>', method="POST")
chapter.way("formmethod", '<form action="#"><button formaction="@T" formmethod="post" name="go" value="1">go</button></form>', method="POST")
chapter.way("htmx-post", '<button hx-post="@T" hx-vals=\'{"depth": 3}\'>go</button>', method="POST")
chapter.way("htmx-fourth-method", '<button hx-delete="@T">go</button>', method="DELETE")
chapter.way("form-with-hidden-method", '<form action="@T" method="post"><input type="hidden" name="_method" value="PUT"><input name="a"></form>', method="POST")
