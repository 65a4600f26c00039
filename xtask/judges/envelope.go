// Seals or opens values with Go's standard library.
//
// usage: envelope seal CERTIFICATE      envelope open KEY
//
// A line of standard input is a label, a tab and base64, of a value or of a sealed one; a line of standard
// output is the other of the two.
package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"strings"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func gcm(key []byte) cipher.AEAD {
	return must(cipher.NewGCM(must(aes.NewCipher(key))))
}

func seal(public *rsa.PublicKey, value, label []byte) []byte {
	session := make([]byte, 32)
	must(rand.Read(session))
	wrapped := must(rsa.EncryptOAEP(sha256.New(), rand.Reader, public, session, label))
	out := binary.BigEndian.AppendUint16(nil, uint16(len(wrapped)))
	return gcm(session).Seal(append(out, wrapped...), make([]byte, 12), value, nil)
}

func open(private *rsa.PrivateKey, envelope, label []byte) []byte {
	length := int(binary.BigEndian.Uint16(envelope))
	session := must(rsa.DecryptOAEP(sha256.New(), nil, private, envelope[2:2+length], label))
	return must(gcm(session).Open(nil, make([]byte, 12), envelope[2+length:], nil))
}

func main() {
	block, _ := pem.Decode(must(os.ReadFile(os.Args[2])))
	var work func(given, label []byte) []byte
	if os.Args[1] == "seal" {
		public := must(x509.ParseCertificate(block.Bytes)).PublicKey.(*rsa.PublicKey)
		work = func(given, label []byte) []byte { return seal(public, given, label) }
	} else {
		private := must(x509.ParsePKCS1PrivateKey(block.Bytes))
		work = func(given, label []byte) []byte { return open(private, given, label) }
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(must(io.ReadAll(os.Stdin))), "\n"), "\n") {
		label, given, _ := strings.Cut(line, "\t")
		out := work(must(base64.StdEncoding.DecodeString(given)), []byte(label))
		fmt.Println(base64.StdEncoding.EncodeToString(out))
	}
}
