package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) rules() *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "Print the digest of a flow's rules",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var flow string
	digest := &cobra.Command{
		Use:   "digest",
		Short: "Print the digest of a flow's rule files, hooks, dictionaries and packs",
		Long: "Digest prints the digest that an approval names. It is the SHA-256 over the bytes of all rule files, hooks,\n" +
			"dictionaries and packs of a flow, and over their names relative to the configuration's folder. Digest opens\n" +
			"no connection.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := loadConfig(a.configFile, a.env)
			if err != nil {
				return err
			}
			_, f, err := c.FindFlow(flow)
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
