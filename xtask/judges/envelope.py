"""Seals or opens one value with kubesealpy or aes-gcm-rsa-oaep: whichever its interpreter has.

usage: envelope.py seal CERTIFICATE LABEL <value >base64      envelope.py open KEY LABEL <base64 >value
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


verb, file, label = sys.argv[1:]
with open(file, "rb") as pem:
    pem = pem.read()
given = sys.stdin.buffer.read()
if verb == "seal":
    key = x509.load_pem_x509_certificate(pem).public_key()
    sys.stdout.write(base64.b64encode(seal(given, key, label.encode())).decode())
else:
    key = load_pem_private_key(pem, password=None)
    sys.stdout.buffer.write(unseal(base64.b64decode(given), key, label.encode()))
