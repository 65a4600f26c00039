"""Checks custom resources against the definitions of their own project, unknown fields included.

usage: crds.py FOLDER-OF-DEFINITIONS REPOSITORY FILE...      (says how many objects of which kinds are right)

Objects of kinds that no definition has are left out; at least one object must be found.
"""

import collections
import pathlib
import sys

import jsonschema
from ruamel.yaml import YAML

yaml = YAML(typ="safe")


def strict(schema):
    """An API server prunes unknown fields in silence; here they are mistakes."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            if not schema.get("x-kubernetes-preserve-unknown-fields"):
                schema["additionalProperties"] = False
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)


schemas = {}
for file in pathlib.Path(sys.argv[1]).glob("*.yaml"):
    for crd in yaml.load_all(file.read_text()):
        if not crd or crd.get("kind") != "CustomResourceDefinition":
            continue
        spec = crd["spec"]
        for version in spec["versions"]:
            if version["served"]:
                schema = version["schema"]["openAPIV3Schema"]
                for name in ("spec", "status"):
                    strict(schema["properties"].get(name, {}))
                schemas[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema

right, wrong = collections.Counter(), []
for file in sys.argv[3:]:
    for document in yaml.load_all(pathlib.Path(file).read_text()):
        if not isinstance(document, dict):
            continue
        key = (document.get("apiVersion"), document.get("kind"))
        if key not in schemas:
            continue
        faults = list(jsonschema.Draft202012Validator(schemas[key]).iter_errors(document))
        for fault in faults:
            path = ".".join(map(str, fault.absolute_path))
            wrong.append(f"{file}: {key[1]} {document['metadata']['name']}: {path}: {fault.message}")
        right[key[1]] += not faults
if wrong or not right:
    sys.exit("\n".join(wrong) or "no object was found")
print(", ".join(f"{count} {kind}" for kind, count in sorted(right.items())))
