package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/escrow"
	"github.com/masker-project/masker/pkg/notify"
)

// witnesses resolves who signs the ledger, whom it trusts besides, where its checkpoints go, and who is told.
func (c *config) witnesses(m *movement, f settings.Flow) (err error) {
	if m.trusted, err = c.trustedKeys(); err != nil {
		return err
	}
	second := c.Ledger.Escrow
	if second.File != "" {
		if second.File, err = c.Expand("ledger.escrow.file", c.Path(second.File)); err != nil {
			return err
		}
	}
	if m.escrow, err = escrow.New(second, c.Env()); err != nil {
		return usage("%s: %w", c.At("ledger.escrow"), err)
	}
	if c.Metrics.Textfile != "" {
		folder, err := c.Expand("metrics.textfile", c.Path(c.Metrics.Textfile))
		if err != nil {
			return err
		}
		m.metrics.file = filepath.Join(folder, "masker_"+m.flow.Name+".prom")
	}
	if m.metrics.listen = c.Metrics.Listen; m.metrics.listen != "" {
		if _, _, err := net.SplitHostPort(m.metrics.listen); err != nil {
			return usage("%s: want HOST:PORT, such as 127.0.0.1:9187", c.At("metrics.listen"))
		}
	}
	var specs []notify.Spec
	at := c.At("flows." + m.flow.Name + ".notify")
	for _, s := range f.Notify {
		if s, err = c.expandChannel(at, s); err != nil {
			return err
		}
		specs = append(specs, s)
	}
	if m.listeners, err = notify.All(specs, c.Dir(), c.ProgramPath(m.flow.Name)); err != nil {
		return usage("%s: %w", at, err)
	}
	return nil
}

// expandChannel puts the process's environment into what may be secret of a channel.
func (c *config) expandChannel(at string, s notify.Spec) (notify.Spec, error) {
	texts := []*string{&s.Webhook, &s.Secret, &s.Slack}
	if s.Mail != nil {
		mail := *s.Mail
		s.Mail = &mail
		texts = append(texts, &mail.Server, &mail.User, &mail.Password)
	}
	for _, text := range texts {
		var err error
		if *text, err = c.Expand(at, *text); err != nil {
			return s, err
		}
	}
	return s, nil
}

// trustedKeys are the public keys of other ledgers whose provenance counts, each written out or in a file.
func (c *config) trustedKeys() ([]string, error) {
	var keys []string
	for _, t := range c.Ledger.Trusted {
		if !strings.Contains(t, "+") {
			data, err := os.ReadFile(c.Path(t))
			if err != nil {
				return nil, usage("cannot read the public key of a trusted ledger: %w", err)
			}
			t = strings.TrimSpace(string(data))
		}
		keys = append(keys, t)
	}
	return keys, nil
}
