package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) rules() *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "What an approval covers",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var flow string
	digest := &cobra.Command{
		Use:   "digest",
		Short: "The digest over a flow's rule files, packs and dictionaries",
		Long: "Digest prints what an approval names: SHA-256 over every rule file, pack and dictionary of a flow, byte\n" +
			"for byte, each under its name seen from the configuration's folder. It opens no connection.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := loadConfig(a.configFile, a.env)
			if err != nil {
				return err
			}
			_, f, err := c.Named(flow)
			if err != nil {
				return err
			}
			set, err := loadRules(c.RuleFiles(f))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s  revision %d\n", c.rulesDigest(set), set.Revision)
			return err
		},
	}
	flowFlag(digest, &flow)
	asUsage(digest)
	c.AddCommand(digest)
	return c
}
