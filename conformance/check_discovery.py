"""robots.txt, sitemap, security.txt and the JSON-LD of pages. pip: ultimate-sitemap-parser sectxt extruct requests
OPENDATA_CONTACT is set where the service runs. TLS is a proxy's: sectxt reads what a proxy would send."""
import json, logging
import extruct, requests
from sectxt import Parser
from usp.tree import sitemap_tree_for_homepage
from checklib import *
logging.disable(logging.CRITICAL)
C, B = Checks("discovery"), base_url()
get = lambda path: requests.get(B + path, timeout=TIMEOUT)
tree = C.run("ultimate-sitemap-parser reads robots.txt and what it names", lambda: sitemap_tree_for_homepage(B + "/", use_known_paths=False))
pages = [p.url for p in tree.all_pages()] if tree else []
C.info(f"{len(pages)} pages"); C.ok(pages and len(set(pages)) == len(pages), "pages, each once", str(len(pages)))
C.ok(all(p.alternates and p.url in [a for _, a in p.alternates] for p in (tree.all_pages() if tree else ())), "each page is among its own languages")
bad = [p for p in pages if requests.head(p, timeout=TIMEOUT).status_code != 200]; C.ok(not bad, "every page answers", str(bad[:3]))
r = get("/.well-known/security.txt"); C.ok(r.status_code == 200 and mime(r.headers["content-type"]) == "text/plain", "security.txt is there", r.status_code)
t = Parser(r.content, urls=[r.url]); C.ok(t.is_valid(), "sectxt finds no error in security.txt", str([e["code"] for e in t.errors]))
C.ok(not t.recommendations or {x["code"] for x in t.recommendations} <= {"not_signed", "no_encryption"}, "sectxt recommends nothing but a signature and a key", str([x["code"] for x in t.recommendations]))
for d in get("/v1/datasets").json()["data"]:
    path = f"/datasets/{d['name']}"
    ld = C.run(f"extruct reads the JSON-LD of {path}", lambda: extruct.extract(get(path).text, base_url=B + path, syntaxes=["json-ld"])["json-ld"]) or []
    one = next((x for x in ld if x.get("@type") == "Dataset"), {})
    C.ok(one.get("url") == B + path and one.get("name") and 50 <= len(one.get("description", "")) <= 5000 and one.get("creator") and one.get("distribution"), "  a schema.org Dataset with what search engines need", json.dumps(one)[:200])
C.done()
