// Package sshkey finds the SSH key that a person signs with: in a file, or in the ssh-agent.
package sshkey

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/masker-project/masker/pkg/approval"
)

// Agent finds keys in the ssh-agent.
type Agent struct{ Socket string } // SSH_AUTH_SOCK, or "" if there is no agent

// Signer returns the key that a person signs with. The file holds a private key, or the public part of a key in the
// ssh-agent. A private key with a passphrase must be in the ssh-agent, too. If file is "", Signer returns the agent's
// only key. The caller calls the function done to close the connection to the agent.
func (a Agent) Signer(file string) (signer ssh.Signer, done func(), err error) {
	none := func() {}
	if strings.HasPrefix(file, "-----BEGIN") {
		return nil, none, errors.New("--key names a file; a private key is never given on the command line")
	}
	if file == "" {
		return a.signer(nil)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, none, fmt.Errorf("cannot read the key: %w", err)
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(data); err == nil {
		return a.signer(public)
	}
	signer, err = ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked) && locked.PublicKey != nil:
		if signer, done, err := a.signer(locked.PublicKey); err == nil {
			return signer, done, nil
		}
		return nil, none, fmt.Errorf("%s has a passphrase; run ssh-add %s, and then this command again", file, file)
	case errors.As(err, &locked):
		return nil, none, fmt.Errorf("%s has a passphrase; run ssh-add %s, and name the public key: --key %s.pub", file, file, file)
	case err != nil:
		return nil, none, fmt.Errorf("%s is not an SSH private or public key", file)
	}
	return signer, none, nil
}

// signer returns the ssh-agent's key with this public key. The private part may be on a hardware token. If want
// is nil, it returns the agent's only key.
func (a Agent) signer(want ssh.PublicKey) (ssh.Signer, func(), error) {
	none := func() {}
	if a.Socket == "" {
		return nil, none, errors.New("no key: name one with --key FILE, or start an ssh-agent that holds it")
	}
	conn, err := net.Dial("unix", a.Socket)
	if err != nil {
		return nil, none, errors.New("the ssh-agent does not answer; name a key with --key FILE")
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		return nil, none, errors.Join(errors.New("the ssh-agent does not list its keys; name a key with --key FILE"), conn.Close())
	}
	var held []string
	for _, s := range signers {
		fingerprint := approval.Fingerprint(s.PublicKey())
		if want != nil && fingerprint == approval.Fingerprint(want) || want == nil && len(signers) == 1 {
			return s, func() { _ = conn.Close() }, nil
		}
		held = append(held, fingerprint)
	}
	return nil, none, errors.Join(fmt.Errorf("the ssh-agent holds %s; name the key with --key FILE.pub", agentKeysText(held)), conn.Close())
}

func agentKeysText(held []string) string {
	if len(held) == 0 {
		return "no key"
	}
	return fmt.Sprintf("%d keys (%s), but not this key", len(held), strings.Join(held, ", "))
}
