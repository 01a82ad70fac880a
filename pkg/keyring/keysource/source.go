// Package keysource reads the secret for a keyring.Ring from a file, an age file, an environment variable or a program.
// It also writes new key files.
//
// Its errors name the source, and never quote what was read from it.
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

// Source says where a secret is stored. Exactly one of File, Env, Age and Command is set.
type Source struct {
	File string // a key file that only its owner can read. The owner is the current user or root
	Env  string // name of an environment variable

	Age               string   // a file encrypted with age. One of the next three opens it
	Identity          string   // an age identity file. The same is required of its mode and owner as for File
	PassphraseEnv     string   // name of the environment variable that holds the passphrase
	PassphraseCommand []string // a program that prints the passphrase

	Command []string      // a program that prints the key, and its arguments. It is not run by a shell
	Timeout time.Duration // time limit for a program. 0 means 30 s
	// Environ holds the environment variables of a program. The program is searched in the PATH among them. If
	// Environ is nil, the program gets the environment variables of this process.
	Environ []string
}

// programTimeout is how long a program may take to print a key. A hardware token can wait for a touch.
const programTimeout = 30 * time.Second

// maxAgeFile is the largest age file, in bytes. It holds a key, armor and a few recipients.
const maxAgeFile = 64 << 10

// Check returns an error if a source is not valid. It does not open the source.
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
			return errors.New("this looks like a key itself: never write a key into a configuration, a rule or an argument; write where the key is kept, and make a new key, because others may have seen this one")
		}
	}
	for _, name := range []string{s.Env, s.PassphraseEnv} {
		if name != "" && !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(name) {
			return errors.New("env and passphrase_env must be the name of an environment variable")
		}
	}
	return nil
}

// Warning says why a source is not recommended. It returns "" for other sources.
func (s Source) Warning() string {
	if s.Env != "" {
		return "the key comes from the environment: everybody who can read this process's environment has it; prefer file, age or command"
	}
	return ""
}

// String names the source. The text holds no secret.
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

// Open reads the secret and makes a Ring. The argument env looks up an environment variable.
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

// decrypt decrypts the age file. Its errors never quote the errors of age, which may quote what age has read.
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
		return nil, errors.New("cannot be opened with the identities or the passphrase given")
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

// Resembles reports whether a text looks like a key: 32 bytes as hex, or as base64 with the = at its end. It is used
// for texts that must not be keys. The result is also true for another text that has this form by chance.
func Resembles(text string) bool {
	text = strings.TrimSpace(text)
	base64 := regexp.MustCompile(`^[A-Za-z0-9+/_-]{43}=$`)
	hex := regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
	return base64.MatchString(text) || hex.MatchString(text)
}
