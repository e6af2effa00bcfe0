"""JSON-stat 2: pyjstat reads the cube; every figure of the list has a cell of its own.
pip: pyjstat requests . Env: JSONSTAT_PATHS (space separated, default /v1/observations.jsonstat)"""
import math, os, warnings
import requests
from pyjstat import pyjstat
from checklib import *
warnings.filterwarnings("ignore")
C, B = Checks("jsonstat"), base_url()
for p in os.environ.get("JSONSTAT_PATHS", "/v1/observations.jsonstat").split():
    r = requests.get(B + p, timeout=TIMEOUT)
    if not C.ok(r.status_code == 200 and mime(r.headers["content-type"]) == "application/json", f"GET {p} is application/json", f"{r.status_code} {r.headers.get('content-type')}"): continue
    d = r.json(); path, _, query = p.partition("?")
    C.ok(d.get("version") == "2.0" and d.get("class") == "dataset", "  version 2.0, class dataset")
    C.ok(len(d["id"]) == len(d["size"]) and all(len(d["dimension"][n]["category"]["index"]) == s for n, s in zip(d["id"], d["size"])), "  sizes are those of the categories")
    C.ok(all(int(k) < math.prod(d["size"]) for k in d["value"]), "  no value lies outside of the cube")
    C.ok(all("unit" in d["dimension"][n]["category"] for n in d["role"]["metric"]), "  metrics have units")
    rows, u = [], B + path.removesuffix(".jsonstat") + "?limit=1000" + ("&" + query if query else "")
    while u: page = requests.get(u, timeout=TIMEOUT).json(); rows += page["data"]; u = page["links"]["next"]
    C.ok(len(d["extension"]["ids"]) == len(rows), f"  {len(rows)} records, each in a cell", len(d["extension"]["ids"]))
    t = C.run("  pyjstat reads it", lambda: pyjstat.Dataset.read(B + p).write("dataframe", naming="id"))
    if t is not None:
        got = sorted((x.metric, float(x.value)) for x in t.dropna(subset=["value"]).itertuples()); want = sorted((x["metric"], float(x["value"])) for x in rows if x["value"] is not None)
        C.ok(got == want, f"  pyjstat has the {len(want)} figures of the list", f"{len(got)} {len(want)}")
    C.run("  and with labels", lambda: pyjstat.Dataset.read(B + p).write("dataframe"))
C.done()
