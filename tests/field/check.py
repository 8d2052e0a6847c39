"""Compares a report with what an application is known to leak: check.py expected.json report.json

Without a report of the leaking application, `check.py - report.json` lists what a repaired one is accused of.
"""

import json
import sys


def place(where, *names):
    where = where or {}
    return " ".join(str(where.get(name, "")) for name in ("method", "path", "place", *names)).strip()


def key(one):
    return one["rule"], place(one.get("source"), "input"), place(one["sink"])


def main():
    expected_file, report_file = sys.argv[1:3]
    with open(report_file) as file:
        report = json.load(file)
    found = {}
    for finding in report["findings"]:
        sinks = [finding["sink"]] + [o["sink"] for o in finding["occurrences"] if o.get("sink")]
        sources = [finding.get("source")] + [o["source"] for o in finding["occurrences"] if o.get("source")]
        for sink in sinks:
            for source in sources:
                found.setdefault(key({"rule": finding["rule"], "source": source, "sink": sink}), []).append(finding)
    used = set()
    if expected_file != "-":
        with open(expected_file) as file:
            expected = json.load(file)
        hits = 0
        for fault in expected["faults"]:
            matches = found.get(key(fault), [])
            sure = [f for f in matches if f["verdict"] in ("confirmed", "likely")]
            wanted = fault["sink"].get("field")
            used.update(id(f) for f in matches)
            if not sure:
                print("MISS ", fault["id"], *key(fault), sep=" | ")
            elif wanted and all((f["sink"].get("field") or "") != wanted for f in sure):
                print("FIELD", fault["id"], *key(fault), wanted, [f["sink"].get("field") for f in sure], sep=" | ")
                hits += 1
            else:
                hits += 1
        print(f"{hits} of {len(expected['faults'])} faults found")
    extra = {id(f): f for fs in found.values() for f in fs if id(f) not in used}
    for finding in extra.values():
        print("EXTRA", finding["verdict"], *key(finding), finding["sink"].get("field", ""), sep=" | ")
    print(report["coverage"])


main()
