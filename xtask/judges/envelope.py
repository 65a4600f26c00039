"""Seals or opens values with kubesealpy or aes-gcm-rsa-oaep: whichever its interpreter has.

usage: envelope.py seal CERTIFICATE      envelope.py open KEY

A line of standard input is a label, a tab and base64, of a value or of a sealed one; a line of standard
output is the other of the two. Many in one process: starting Python costs more than sealing.
"""

import base64
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

try:
    from kubesealpy import crypto

    def seal(value, key, label):
        return crypto.encrypt(value, key, label)

    def unseal(envelope, key, label):
        return crypto.decrypt(envelope, key, label)
except ImportError:
    import aes_gcm_rsa_oaep

    def seal(value, key, label):
        return aes_gcm_rsa_oaep.encrypt(value, key, label)

    def unseal(envelope, key, label):
        return aes_gcm_rsa_oaep.decrypt(envelope, key, label)


verb, file = sys.argv[1:]
with open(file, "rb") as pem:
    pem = pem.read()
if verb == "seal":
    key, work = x509.load_pem_x509_certificate(pem).public_key(), seal
else:
    key, work = load_pem_private_key(pem, password=None), unseal
for line in sys.stdin:
    label, given = line.rstrip("\n").split("\t")
    print(base64.b64encode(work(base64.b64decode(given), key, label.encode())).decode())
