# SPDX-License-Identifier: Apache-2.0
"""How well personal data is found, and what is taken for it: tables, and one JSON file. Run by pii.sh.

Exact: the same first and last character; overlap: any character in common; F2 weighs recall four times precision.
Leaked: bytes of labelled values that no finding of any asked entity covers, and so survive redaction.
"""

import argparse
import json
import pathlib

import pii_cases
import pii_finders

MEGABYTE = 1_000_000


def ratio(part, whole):
    return part / whole if whole else None


def f2(precision, recall):
    if precision is None or recall is None or precision + recall == 0:
        return None
    return 5 * precision * recall / (4 * precision + recall)


def score(entity, cases, found):
    """The figures of one entity over all cases."""
    labelled = exact = touched = claimed = right = near = total = leaked = 0
    for (text, spans), findings in zip(cases, found):
        wanted = {(start, end) for name, start, end in spans if name == entity}
        ours = {(start, end) for name, start, end in findings if name == entity}
        covered = set()
        for _, start, end in findings:
            covered.update(range(start, end))
        labelled, claimed = labelled + len(wanted), claimed + len(ours)
        exact += len(wanted & ours)
        right += len(wanted & ours)
        touched += sum(any(s < end and start < e for s, e in ours) for start, end in wanted)
        near += sum(any(s < end and start < e for s, e in wanted) for start, end in ours)
        for start, end in wanted:
            for place in range(start, end):
                width = len(text[place].encode())
                total += width
                leaked += width * (place not in covered)
    precision, recall = ratio(right, claimed), ratio(exact, labelled)
    near_precision, near_recall = ratio(near, claimed), ratio(touched, labelled)
    return {"labelled": labelled, "precision": precision, "recall": recall, "f2": f2(precision, recall),
            "overlap_precision": near_precision, "overlap_recall": near_recall,
            "overlap_f2": f2(near_precision, near_recall), "leaked": ratio(leaked, total)}


def compare(finders, cases, entities, **thresholds):
    texts, result = [text for text, _ in cases], {}
    for finder in finders:
        options = {"threshold": thresholds[finder.name]} if finder.name in thresholds else {}
        found = finder.find(texts, entities, **options)
        result[finder.name] = {entity: score(entity, cases, found) for entity in entities}
        result[finder.name]["mb_s"] = finder.bytes / MEGABYTE / finder.seconds if finder.seconds else None
    return result


def show(value):
    return "–" if value is None else f"{value:.3f}"


def print_entities(title, result, entities):
    print(f"\n{title}\n\n| Entity | labelled | finder | exact P | R | F2 | overlap P | R | F2 | leaked |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for entity in entities:
        for name, rows in result.items():
            row = rows[entity]
            keys = ("precision", "recall", "f2", "overlap_precision", "overlap_recall", "overlap_f2", "leaked")
            print(f"| {entity} | {row['labelled']} | {name} | " + " | ".join(show(row[key]) for key in keys) + " |")
    print("\nSpeed: " + ", ".join(f"{name} {rows['mb_s']:.2f} MB/s" for name, rows in result.items() if rows["mb_s"]))


def print_side_by_side(title, result, entities):
    """A row an entity: there are many."""
    names = list(result)
    print(f"\n{title}\n\n| Entity | labelled | " + " | ".join(f"{name} P | R | leaked" for name in names) + " |")
    print("|---|---|" + "---|" * 3 * len(names))
    for entity in entities:
        cells = [show(result[name][entity][key]) for name in names for key in ("precision", "recall", "leaked")]
        print(f"| {entity} | {result[names[0]][entity]['labelled']} | " + " | ".join(cells) + " |")


# What the authors of sources and manuals wrote there on purpose is no false positive.
TRUE_IN_PLAIN = {"email", "url", "domain_name", "ipv4", "ipv6", "mac_address", "date_time", "jwt",
                 "EMAIL_ADDRESS", "URL", "IP_ADDRESS", "MAC_ADDRESS", "DATE_TIME"}


def count_plain(dvara, presidio, size):
    """False positives a megabyte on texts without personal data."""
    result = {}
    for kind, text in pii_cases.plain(size).items():
        megabytes = len(text.encode()) / MEGABYTE
        for pack in ("identity", "all"):
            [found] = dvara.scan([text], pack, "50%")
            rows = {}
            for detector, _, _ in found:
                if detector not in TRUE_IN_PLAIN:
                    rows[detector] = rows.get(detector, 0) + 1
            result[f"{kind}, dvara {pack}"] = {
                "mb": megabytes, "per_mb": sum(rows.values()) / megabytes, "by": rows,
                "mb_s": dvara.bytes / MEGABYTE / dvara.seconds if dvara.seconds else None}
        if presidio:
            part = [text[at:at + 5000] for at in range(0, 50_000, 5000)]
            found = presidio.find(part, [])
            wrong = [name for findings in found for name, _, _ in findings if name not in TRUE_IN_PLAIN]
            result[f"{kind}, presidio all"] = {
                "mb": presidio.bytes / MEGABYTE, "per_mb": len(wrong) / (presidio.bytes / MEGABYTE),
                "by": {name: wrong.count(name) for name in set(wrong)},
                "mb_s": presidio.bytes / MEGABYTE / presidio.seconds}
    return result


def print_plain(result):
    print("\nTexts without personal data\n\n| Text, pack | MB | false positives a MB | MB/s | most of them |")
    print("|---|---|---|---|---|")
    for name, row in result.items():
        most = ", ".join(f"{key} {n}" for key, n in sorted(row["by"].items(), key=lambda item: -item[1])[:6])
        print(f"| {name} | {row['mb']:.2f} | {row['per_mb']:.2f} | {row['mb_s'] or 0:.2f} | {most} |")


def main():
    parser = argparse.ArgumentParser(prog="pii.sh")
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", type=pathlib.Path, help="where presidio_research.jsonl, presidio_tests.jsonl are")
    parser.add_argument("--no-presidio", action="store_true")
    parser.add_argument("--size", type=int, default=4 * MEGABYTE, help="bytes of each text without personal data")
    parser.add_argument("--json", type=pathlib.Path, default=pathlib.Path("build/bench-pii.json"))
    options = parser.parse_args()
    dvara = pii_finders.Dvara(options.program)
    presidio = None if options.no_presidio else pii_finders.Presidio()
    finders = [dvara] + ([presidio] if presidio else [])

    report = {}
    cases = list(pii_cases.read_research(options.data)) if options.data else list(pii_cases.generate(3000, 11))
    report["sentences"] = compare(finders, cases, pii_cases.ENTITIES)
    title = "Sentences of --data" if options.data else "Sentences, generated"
    print_entities(title, report["sentences"], pii_cases.ENTITIES)
    if options.data:
        report["tests"] = {finder.name: {} for finder in finders}
        for entity, group in sorted(pii_cases.read_tests(options.data).items()):
            for name, rows in compare(finders, group, [entity], dvara="0%", presidio=0.0).items():
                report["tests"][name][entity] = rows[entity]
        print_side_by_side("Presidio's own tests, exact spans at any score", report["tests"], sorted(report["tests"]["dvara"]))
    report["plain"] = count_plain(dvara, presidio, options.size)
    print_plain(report["plain"])
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nWritten: {options.json}")


if __name__ == "__main__":
    main()
