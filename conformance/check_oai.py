"""OAI-PMH: Sickle and oaipmh-scythe harvest everything, by GET and by POST. pip: sickle oaipmh-scythe requests"""
import requests
from oaipmh_scythe import Scythe
from oaipmh_scythe.config import HTTPConfig
from sickle import Sickle
from sickle.oaiexceptions import BadArgument, IdDoesNotExist, NoRecordsMatch
from checklib import *
C, B = Checks("oai-pmh"), base_url()
E = B + "/oai"
told = requests.get(B + "/v1/datasets", timeout=TIMEOUT).json()["data"]; live = sum(d["count"] for d in told)
found = {}
for method in ("GET", "POST"):
    s = Sickle(E, http_method=method, timeout=TIMEOUT)
    who = C.run(f"Sickle {method} Identify", s.Identify)
    if not who: continue
    C.ok(who.deletedRecord == "persistent" and who.granularity == "YYYY-MM-DDThh:mm:ssZ" and "@" in who.adminEmail, "  deletions are kept, times to the second, an adminEmail")
    sets = C.run("  sets", lambda: [x.setSpec for x in s.ListSets()]) or []; C.ok(set(sets) == {"datasets"} | {d["name"] for d in told}, "  a set for each dataset and one for all", str(sets))
    rs = C.run("  ListRecords oai_dc, every part", lambda: list(s.ListRecords(metadataPrefix="oai_dc"))) or []
    there = [r for r in rs if not r.deleted]; gone = [r.header.identifier for r in rs if r.deleted]
    C.ok(len(there) == live + len(told), "  every record and every dataset arrives", f"{len(there)} for {live} records in {len(told)} datasets"); C.info(f"Sickle {method}: {len(rs)} items, {len(gone)} deleted")
    C.ok(len({r.header.identifier for r in rs}) == len(rs), "  each once")
    C.ok(all(r.metadata.get("title") and r.metadata.get("identifier") and r.metadata.get("rights") for r in there), "  each has title, identifier and rights in Dublin Core")
    first = (there or [None])[0]
    if first: C.ok(s.GetRecord(identifier=first.header.identifier, metadataPrefix="oai_dc").raw is not None, "  GetRecord")
    C.ok(all(requests.get(B + "/v1/" + i.split(":", 2)[2], timeout=TIMEOUT).status_code == 410 for i in gone), "  what is told as deleted answers 410", str(gone))
    later = s.harvest(verb="Identify").xml.findtext("{http://www.openarchives.org/OAI/2.0/}responseDate")
    for label, error, call in (("nothing since the last harvest", NoRecordsMatch, lambda: s.ListRecords(**{"metadataPrefix": "oai_dc", "from": later})), ("an unknown item", IdDoesNotExist, lambda: s.GetRecord(identifier=rs[0].header.identifier + "-x", metadataPrefix="oai_dc")),
                               ("a bad date", BadArgument, lambda: s.ListRecords(**{"metadataPrefix": "oai_dc", "from": "yesterday"}))):
        try: call(); C.ok(False, f"  {label} is {error.__name__}")
        except error: C.ok(True, f"  {label} is {error.__name__}")
        except Exception as e: C.ok(False, f"  {label} is {error.__name__}", f"{type(e).__name__} {e}")
    found["sickle", method] = {r.header.identifier: r.header.datestamp for r in rs}
    with Scythe(E, http_config=HTTPConfig(http_method=method, timeout=TIMEOUT)) as y:
        hs = C.run(f"oaipmh-scythe {method} list_identifiers", lambda: list(y.list_identifiers())) or []
        found["scythe", method] = {h.identifier: h.datestamp for h in hs}
        C.run("  get_record", lambda: hs and y.get_record(hs[0].identifier))
C.ok(len({tuple(sorted(f.items())) for f in found.values()}) == 1, "both clients find the same by either method", str({k: len(v) for k, v in found.items()}))
C.done()
