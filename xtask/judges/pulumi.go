// Opens and seals values of a stack with Pulumi's own package, as its passphrase provider does.
//
// usage: pulumi-config open SALT SECURE      pulumi-config new
//
// `new` prints the salt of a new stack. SALT is `encryptionsalt` of the stack's file; the passphrase is PULUMI_CONFIG_PASSPHRASE.
package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	ctx := context.Background()
	phrase := os.Getenv("PULUMI_CONFIG_PASSPHRASE")
	if os.Args[1] == "new" {
		salt := make([]byte, 8)
		must(rand.Read(salt))
		proof := must(config.NewSymmetricCrypterFromPassphrase(phrase, salt).EncryptValue(ctx, "pulumi"))
		fmt.Printf("v1:%s:%s\n", base64.StdEncoding.EncodeToString(salt), proof)
		return
	}
	parts := strings.SplitN(os.Args[2], ":", 3)
	if len(parts) != 3 || parts[0] != "v1" {
		fmt.Fprintln(os.Stderr, "the salt is none")
		os.Exit(1)
	}
	salt := must(base64.StdEncoding.DecodeString(parts[1]))
	crypter := config.NewSymmetricCrypterFromPassphrase(phrase, salt)
	if proof := must(crypter.DecryptValue(ctx, parts[2])); proof != "pulumi" {
		fmt.Fprintln(os.Stderr, "the salt seals something else")
		os.Exit(1)
	}
	fmt.Print(must(crypter.DecryptValue(ctx, os.Args[3])))
}
