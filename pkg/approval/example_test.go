package approval_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/pkg/approval"
)

// exampleKey returns an SSH key from a fixed seed. Such a key is not secret.
func exampleKey(seed byte) ssh.Signer {
	key, err := ssh.NewSignerFromSigner(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		log.Fatal(err)
	}
	return key
}

// exampleFile returns the signed file of a statement.
func exampleFile(s approval.Statement, key ssh.Signer) approval.File {
	data, err := approval.Sign(s, key)
	if err != nil {
		log.Fatal(err)
	}
	return approval.File{Name: string(s.Kind), Data: data}
}

// The author signs the rules, and another person approves them. Judge counts the valid approvals.
func ExampleJudge() {
	alice, bob := exampleKey(1), exampleKey(2)
	rules, plan := strings.Repeat("a1", 32), strings.Repeat("b2", 32) // digests of the rules and of the plan
	now := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	authored := approval.Statement{
		Kind: approval.Author, Flow: "nightly", Source: "production", Targets: []string{"staging"},
		Revision: 7, Rules: rules, Plan: plan, Author: "alice@example.com", AuthorKey: approval.Fingerprint(alice.PublicKey()),
		Principal: "alice@example.com", At: now,
	}
	approved := authored
	approved.Kind, approved.Principal, approved.Expires = approval.Approval, "bob@example.com", now.AddDate(0, 3, 0)
	files := []approval.File{exampleFile(authored, alice), exampleFile(approved, bob)}

	signers, err := approval.ParseSigners(fmt.Appendf(nil, "alice@example.com %sbob@example.com %s",
		ssh.MarshalAuthorizedKey(alice.PublicKey()), ssh.MarshalAuthorizedKey(bob.PublicKey())), nil)
	if err != nil {
		log.Fatal(err)
	}
	want := approval.Want{Flow: "nightly", Source: "production", Target: "staging", Rules: rules, Revision: 7, Required: 1}
	verdict, err := approval.Judge(want, files, signers, now)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("approved by", verdict.Approvers[0].Principal)

	_, err = approval.Judge(want, files, signers, now.AddDate(1, 0, 0))
	var missing *approval.Missing
	if errors.As(err, &missing) {
		fmt.Println("a year later:", missing.Have, "of", missing.Want)
	}
	// Output:
	// approved by bob@example.com
	// a year later: 0 of 1
}
