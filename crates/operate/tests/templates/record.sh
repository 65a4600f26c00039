#!/usr/bin/env bash
# Asks the real kubeseal (0.36.6, `.ci/judges` installs it) again: the answer of every template, and which functions it knows.
# usage: crates/operate/tests/templates/record.sh        (kubeseal, openssl and python3 must be on the path)
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj / -keyout "$work/key.pem" -out "$work/crt.pem" 2>/dev/null
export KUBECONFIG=/dev/null WORK=$work
python3 - <<'PYTHON'
import base64, json, os, subprocess
work = os.environ["WORK"]

def kubeseal(arguments, text):
    return subprocess.run(["kubeseal", *arguments], input=text, capture_output=True, text=True)

values = {}
for line in open("values.txt", encoding="utf-8"):
    key, _, value = line.rstrip("\n").partition(" ")
    value = value.replace("\\n", "\n").encode()
    values[key] = base64.b64encode(value.decode().encode("utf-8") if b"\\x" not in value
                                   else value.decode("unicode_escape").encode("latin-1")).decode()
secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "b"}, "data": values}
sealed = kubeseal(["--cert", f"{work}/crt.pem"], json.dumps(secret))
sealed.check_returncode()
sealed = json.loads(sealed.stdout)

def ask(template):
    sealed["spec"]["template"]["data"] = {"out": template}
    opened = kubeseal(["--recovery-unseal", "--recovery-private-key", f"{work}/key.pem"], json.dumps(sealed))
    if opened.returncode:
        return "!"
    out = base64.b64decode(json.loads(opened.stdout)["data"].get("out") or "")
    try:
        return "= " + json.dumps(out.decode(), ensure_ascii=False)[1:-1]
    except UnicodeDecodeError:
        return "~ " + base64.b64encode(out).decode()

lines = [line for line in open("cases.txt", encoding="utf-8").read().splitlines() if line[:1] not in ("=", "!", "~")]
with open("cases.txt", "w", encoding="utf-8") as out:
    for line in lines:
        out.write(line + "\n")
        if line.startswith("$ "):
            out.write(ask(json.loads(f'"{line[2:]}"')) + "\n")
names = [line.split()[0] for line in open("functions.txt", encoding="utf-8")]
with open("functions.txt", "w", encoding="utf-8") as out:
    for name in names:
        known = ask("{{ if false }}{{ %s }}{{ end }}" % name) != "!"
        out.write(f"{name} {'yes' if known else 'no'}\n")
PYTHON
