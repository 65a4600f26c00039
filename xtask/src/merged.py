"""Judges the merges of crates/compile/tests/merge with PyYAML: each answer is read by a parser that
others wrote, and must hold, leaf by leaf, what three-way merging says it must."""

import pathlib
import sys

import yaml

RAISED = ("tag", "digest", "newTag", "targetRevision")
NAMES = ("name", "description", "path")


def leaves(value, at, out):
    if isinstance(value, dict):
        for key, inner in value.items():
            leaves(inner, at + (str(key),), out)
    elif isinstance(value, list):
        names = [next((i[n] for n in NAMES if n in i), None) if isinstance(i, dict) else None for i in value]
        if value and all(names) and len(set(names)) == len(names):
            for name, inner in zip(names, value):
                leaves(inner, at + (f"[{name}]",), out)
        elif any(isinstance(i, (dict, list)) for i in value):
            out[at] = repr(value)
        else:
            for inner in value:
                out[at + (repr(inner),)] = True
    else:
        out[at] = repr(value)
    return out


def read(text):
    out = {}
    documents = list(yaml.safe_load_all(text))
    for document in documents:
        name = ()
        if len(documents) > 1:
            name = (f"{document.get('kind')}/{document.get('metadata', {}).get('name')}",)
        leaves(document, name, out)
    return out


def parts(text):
    found, current = {}, None
    for line in text.splitlines(keepends=True):
        if line.startswith("=== "):
            current = line[4:].strip()
            found[current] = ""
        elif current:
            found[current] += line
    return {name: part.replace("␍\n", "\r\n").replace("␄\n", "") for name, part in found.items()}


def main(folder):
    judged = 0
    for file in sorted(pathlib.Path(folder).glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        path = next(line[2:] for line in text.splitlines() if line.startswith(": "))
        case = parts(text)
        if "merged" not in case or not path.endswith((".yaml", ".yml", ".json")) or "/templates/" in path:
            continue
        if "//" in case["theirs"]:
            continue
        base, ours, theirs, merged = (read(case[side]) for side in ("base", "ours", "theirs", "merged"))
        for leaf in {*base, *ours, *theirs, *merged}:
            b, o, t, m = (side.get(leaf) for side in (base, ours, theirs, merged))
            wanted = o if t in (b, o) else t
            raised = o is None and m is None and leaf[-1] in RAISED
            both = t != b and o != b and t != o
            if m != wanted and not raised and not both:
                sys.exit(f"{file.name}: {leaf}: base {b}, ours {o}, theirs {t}, merged {m}")
        judged += 1
    if judged < 20:
        sys.exit(f"only {judged} cases were judged")
    print(f"{judged} merged files: PyYAML reads what three-way merging says")


main(sys.argv[1])
