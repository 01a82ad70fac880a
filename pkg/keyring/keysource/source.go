// Package keysource opens the secret that a Ring is made of: from a file, an age file, an environment variable or a
// program. It also writes new key files.
//
// An error names the source and never quotes what was read from it.
package keysource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/masker-project/masker/pkg/keyring"
)

// Source says where a secret is kept. Exactly one of File, Env, Age and Command is set.
type Source struct {
	File string // 0600, owned by who runs masker or root
	Env  string // name of an environment variable

	Age               string   // a file encrypted with age, and one of the three that open it:
	Identity          string   // an age identity file, held to what File is held to
	PassphraseEnv     string   // name of the environment variable that holds the passphrase
	PassphraseCommand []string // a program that prints it

	Command []string      // a program and its arguments; what it prints is the key. No shell reads them
	Timeout time.Duration // of a program; 0: 30 s
	// Environ is the environment of a program, which is looked for in its PATH; nil: the process's own.
	Environ []string
}

// programTimeout is how long a program may take to print a key: a hardware token may wait for a touch.
const programTimeout = 30 * time.Second

// maxAgeFile bounds an age file that holds a key: armor and a few recipients.
const maxAgeFile = 64 << 10

// Check says what is wrong with a source without opening it.
func (s Source) Check() error {
	kinds := 0
	for _, given := range []bool{s.File != "", s.Env != "", s.Age != "", len(s.Command) > 0} {
		if given {
			kinds++
		}
	}
	opens := 0
	for _, given := range []bool{s.Identity != "", s.PassphraseEnv != "", len(s.PassphraseCommand) > 0} {
		if given {
			opens++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("want exactly one of file, env, age and command")
	case s.Age != "" && opens != 1:
		return errors.New("age wants exactly one of identity, passphrase_env and passphrase_command")
	case s.Age == "" && opens > 0:
		return errors.New("identity, passphrase_env and passphrase_command belong to age")
	case s.Timeout < 0:
		return errors.New("timeout must be a duration such as 30s")
	}
	for _, text := range append(append([]string{s.File, s.Env, s.Age, s.Identity, s.PassphraseEnv}, s.Command...), s.PassphraseCommand...) {
		if Resembles(text) {
			return errors.New("this looks like a key itself: a key stands in no configuration, no rule and no argument; say where it is kept, and make a new one, for this one has been seen")
		}
	}
	for _, name := range []string{s.Env, s.PassphraseEnv} {
		if name != "" && !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
			return errors.New("env and passphrase_env want the name of an environment variable")
		}
	}
	return nil
}

// Warning says what speaks against a source, "" where nothing does.
func (s Source) Warning() string {
	if s.Env != "" {
		return "the key comes from the environment: whoever can read this process's environment has it; prefer file, age or command"
	}
	return ""
}

// String names the source for people. It holds no secret.
func (s Source) String() string {
	switch {
	case s.File != "":
		return "file " + s.File
	case s.Env != "":
		return "environment variable " + s.Env
	case s.Age != "":
		return "age file " + s.Age
	case len(s.Command) > 0:
		return "command " + s.Command[0]
	}
	return "no source"
}

// Open fetches the secret. env looks an environment variable up.
func (s Source) Open(ctx context.Context, env func(string) (string, bool)) (*keyring.Ring, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	switch {
	case s.File != "":
		return Load(s.File)
	case s.Env != "":
		value, ok := env(s.Env)
		if !ok {
			return nil, fmt.Errorf("environment variable %s is not set", s.Env)
		}
		return ringOf(s, decodeText, value)
	case s.Age != "":
		data, err := s.decrypt(ctx, env)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		return ringOf(s, decodeBytes, string(data))
	}
	data, err := s.runProgram(ctx, s.Command)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	return ringOf(s, decodeBytes, string(data))
}

func decodeBytes(s string) ([]byte, error) { return decode([]byte(s)) }

func ringOf(s Source, decode func(string) ([]byte, error), text string) (*keyring.Ring, error) {
	secret, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	return keyring.New(secret)
}

// decrypt opens the age file. Its errors never quote age's, which may describe a passphrase's line.
func (s Source) decrypt(ctx context.Context, env func(string) (string, bool)) ([]byte, error) {
	identities, err := s.identities(ctx, env)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(s.Age)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("does not exist; make one with masker keys new --recipient")
	}
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	if len(data) > maxAgeFile {
		return nil, fmt.Errorf("is longer than %d bytes: not a key", maxAgeFile)
	}
	var in io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(data, []byte(armor.Header)) {
		in = armor.NewReader(in)
	}
	out, err := age.Decrypt(in, identities...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, errors.New("no identity, or another passphrase than the one given, opens it")
	}
	if err != nil {
		return nil, errors.New("is not a file that age can decrypt")
	}
	secret, err := io.ReadAll(io.LimitReader(out, maxFile+1))
	if err != nil || len(secret) > maxFile {
		return nil, errors.New("is damaged, or holds more than a key")
	}
	return secret, nil
}

func (s Source) identities(ctx context.Context, env func(string) (string, bool)) ([]age.Identity, error) {
	if s.Identity == "" {
		passphrase, err := s.passphrase(ctx, env)
		if err != nil {
			return nil, err
		}
		id, err := age.NewScryptIdentity(passphrase)
		if err != nil {
			return nil, errors.New("the passphrase is empty")
		}
		return []age.Identity{id}, nil
	}
	data, err := readPrivate(s.Identity)
	if err != nil {
		return nil, fmt.Errorf("identity file %s: %w", s.Identity, err)
	}
	ids, err := age.ParseIdentities(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("identity file %s: holds no age identity (age-keygen makes one)", s.Identity)
	}
	return ids, nil
}

func (s Source) passphrase(ctx context.Context, env func(string) (string, bool)) (string, error) {
	if s.PassphraseEnv != "" {
		value, ok := env(s.PassphraseEnv)
		if !ok {
			return "", fmt.Errorf("environment variable %s is not set", s.PassphraseEnv)
		}
		return value, nil
	}
	out, err := s.runProgram(ctx, s.PassphraseCommand)
	if err != nil {
		return "", fmt.Errorf("passphrase command %s: %w", s.PassphraseCommand[0], err)
	}
	return strings.TrimRight(string(out), "\r\n"), nil
}

// Resembles says that a text looks like a key: 32 random bytes as base64 or hex. It is asked of what must
// not be one; a path of that very form is taken for one too.
func Resembles(text string) bool {
	text = strings.TrimSpace(text)
	base64 := regexp.MustCompile(`^[A-Za-z0-9+/_-]{43}=$`)
	hex := regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	return base64.MatchString(text) || hex.MatchString(text)
}
