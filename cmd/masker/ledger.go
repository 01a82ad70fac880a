package main

import (
	"github.com/masker-project/masker/pkg/ledger"
)

// ledgerAt is the ledger's folder and the key that signs it.
func (c *config) ledgerAt() (string, ledger.Options, error) {
	var o ledger.Options
	if c.Ledger.Path == "" {
		return "", o, usage("%s names no ledger; add ledger: {path: ledger/}", c.file)
	}
	dir, err := c.expand("ledger.path", c.path(c.Ledger.Path))
	if err == nil && c.Ledger.Signer != "" {
		o.Signer, err = c.expand("ledger.signer", c.path(c.Ledger.Signer))
	}
	return dir, o, err
}

func (c *config) openLedger() (*ledger.Ledger, error) {
	dir, o, err := c.ledgerAt()
	if err != nil {
		return nil, err
	}
	return ledger.Open(dir, o)
}
