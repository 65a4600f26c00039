// Seals or opens one value with Go's standard library.
//
// usage: envelope seal CERTIFICATE LABEL <value >base64      envelope open KEY LABEL <base64 >value
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

func main() {
	block, _ := pem.Decode(must(os.ReadFile(os.Args[2])))
	label := []byte(os.Args[3])
	given := must(io.ReadAll(os.Stdin))
	nonce := make([]byte, 12)
	if os.Args[1] == "seal" {
		public := must(x509.ParseCertificate(block.Bytes)).PublicKey.(*rsa.PublicKey)
		session := make([]byte, 32)
		must(rand.Read(session))
		wrapped := must(rsa.EncryptOAEP(sha256.New(), rand.Reader, public, session, label))
		out := binary.BigEndian.AppendUint16(nil, uint16(len(wrapped)))
		out = gcm(session).Seal(append(out, wrapped...), nonce, given, nil)
		fmt.Print(base64.StdEncoding.EncodeToString(out))
		return
	}
	private := must(x509.ParsePKCS1PrivateKey(block.Bytes))
	envelope := must(base64.StdEncoding.DecodeString(string(given)))
	length := int(binary.BigEndian.Uint16(envelope))
	session := must(rsa.DecryptOAEP(sha256.New(), nil, private, envelope[2:2+length], label))
	must(os.Stdout.Write(must(gcm(session).Open(nil, nonce, envelope[2+length:], nil))))
}
