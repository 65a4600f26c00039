"""What is left in memory: stops the program as it ends, and counts copies of values and keys in all that it could write.

usage: memory.py MAINSTAY       (wants gdb; prints a line for each command, and exits with 1 where a copy is left)

The allocator is told to give nothing back to the system (`MIMALLOC_PURGE_DELAY=-1`), so that what was freed is still there.
A name that is no secret, and is not wiped, shows that copies would be found.
"""
import base64
import os
import re
import subprocess
import sys
import tempfile

program = os.path.abspath(sys.argv[1])
os.chdir(tempfile.mkdtemp(prefix="memory-"))
own = os.path.abspath("inside.py")

# What gdb runs beside the stopped program: pages that are there, in maps that may be written.
with open(own, "w") as file:
    file.write(
        '''
import re, sys
needles = open("needles", "rb").read().split(b"\\0\\0")
found = [0] * len(needles)
memory, pages = (open(f"/proc/{sys.argv[1]}/{name}", "rb", 0) for name in ("mem", "pagemap"))
for line in open(f"/proc/{sys.argv[1]}/maps"):
    start, end, rights = re.match(r"(\\w+)-(\\w+) (\\S+)", line).groups()
    start, end = int(start, 16), int(end, 16)
    if "w" not in rights:
        continue
    pages.seek(start // 4096 * 8)
    there = memoryview(pages.read((end - start) // 4096 * 8)).cast("Q")
    at = 0
    while at < len(there):
        first = at
        while at < len(there) and there[at] >> 63:
            at += 1
        if at > first:
            memory.seek(start + first * 4096)
            part = memory.read((at - first) * 4096)
            found = [count + part.count(needle) for count, needle in zip(found, needles)]
        else:
            at += 1
print(*found, file=open("found", "w"))
'''
    )


def left(arguments, needles, given="/dev/null"):
    """Returns how often each needle is in memory when the program ends."""
    with open("needles", "wb") as file:
        file.write(b"\0\0".join(needles))
    gdb = ["gdb", "-q", "-batch", "-ex", "set confirm off", "-ex", "catch syscall exit_group"]
    gdb += ["-ex", f"run {arguments} <{given} >out 2>err", "-ex", f"python gdb.execute('shell {sys.executable} {own} %d' % gdb.selected_inferior().pid)"]
    environment = dict(os.environ, MIMALLOC_PURGE_DELAY="-1", PULUMI_CONFIG_PASSPHRASE="correct horse")
    if os.path.exists("found"):
        os.remove("found")
    subprocess.run([*gdb, program], env=environment, capture_output=True)
    return [int(count) for count in open("found").read().split()]


def of_key(file):
    """The needles of a key: its PEM, its base64, and each of its numbers, in both orders of bytes."""
    text = open(file).read()
    inside = re.search(r"tls.key: (\S+)", text)
    pem = base64.b64decode(inside[1]).decode() if inside else text
    body = [line for line in pem.splitlines() if "-----" not in line]
    needles = [body[5].encode(), body[30].encode()]
    if inside:
        needles += [inside[1][at : at + 60].encode() for at in (500, 2500)]
    der, numbers = base64.b64decode("".join(body)), []

    def read(data, at):
        length, at = data[at + 1], at + 2
        if length & 0x80:
            digits = length & 0x7F
            length, at = int.from_bytes(data[at : at + digits], "big"), at + digits
        return data[at : at + length], at + length

    sequence, at = read(der, 0)[0], 0
    while at < len(sequence):
        number, at = read(sequence, at)
        numbers.append(number.lstrip(b"\0"))
    for number in numbers[3:]:
        needles += [number[16:80], number[::-1][16:80]]
    return needles


plain = "".join(f"plain-{at:06d};" for at in range(9000))
coded = plain.replace("plain", "coded")
in_base64 = base64.b64encode(coded.encode()).decode()
values = [b"plain-000", b"coded-000", in_base64[20000:20060].encode()]
values.append(base64.b64encode(plain.encode())[20000:20060])
with open("secret.yaml", "w") as file:
    file.write("apiVersion: v1\nkind: Secret\nmetadata: {name: a-name-to-find, namespace: prod}\n")
    file.write(f'stringData: {{plain: "{plain}"}}\ndata: {{coded: {in_base64}}}\n')
with open("value", "w") as file:
    file.write(plain)
subprocess.run([program, "-qq", "keys", "new", "--out", "key", "--cert-out", "crt"], check=True)
subprocess.run([program, "seal", "--cert", "crt", "-f", "secret.yaml", "-w", "sealed.yaml"], check=True)
os.mkdir("files")
subprocess.run(["cp", "sealed.yaml", "files"], check=True)

if left("seal --cert crt -f secret.yaml", [b"a-name-to-find"]) == [0]:
    sys.exit("nothing is found at all, not even what nobody wipes")
key = of_key("key")
bad = 0
for arguments, needles, given in [
    ("seal --cert crt -f secret.yaml -o yaml", values, "/dev/null"),
    ("seal --cert crt", values, "secret.yaml"),
    ("seal --cert crt --merge-into sealed.yaml", values, "secret.yaml"),
    ("seal --cert crt --raw --scope cluster-wide", values, "value"),
    ("seal --cert crt --raw --scope cluster-wide --from-file value", values, "/dev/null"),
    ("unseal --key key sealed.yaml", values + key, "/dev/null"),
    ("unseal --key key sealed.yaml -o json", values + key, "/dev/null"),
    ("secrets check --cert crt --key key files", values + key, "/dev/null"),
    ("keys show key", key, "/dev/null"),
    ("keys check --cert crt --key key", key, "/dev/null"),
    ("keys cert key", key, "/dev/null"),
    ("keys store key --stack Pulumi.a.yaml --name a:b", key, "/dev/null"),
    ("keys new --out new --cert-out new.crt", None, "/dev/null"),
    ("keys new --format pem --out pem --cert-out pem.crt", None, "/dev/null"),
    ("reseal --key key --cert new.crt files", values + key, "/dev/null"),
]:
    if needles is None:
        # A key that is not known before it is made: how its PEM begins.
        found = left(arguments, [b"-----BEGIN RSA PRIVATE KEY-----\nMII"])
    else:
        found = left(arguments, needles, given)
    bad += any(found)
    print(f"{sum(found):6} copies  {arguments}", flush=True)
sys.exit(bad > 0)
