package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/masker-project/masker/internal/crash"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
)

// stdio holds the streams of a command. Results go to out. Progress and logs go to err.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// app holds what all verbs share.
type app struct {
	stdio
	env map[string]string

	configFile string
	logFormat  string
	quiet      bool
	noColor    bool

	runID, flow string // the refresh that errors and notes are about; "" while unknown
}

// run runs the command line in args and returns the exit code. It uses no global state, so that tests can call it.
func run(ctx context.Context, args, env []string, std stdio) (code int) {
	a := &app{stdio: std, env: environ(env)}
	defer func() {
		if p := recover(); p != nil {
			// The panic's value and the arguments in the stack trace may hold a row. Only the type and the position are printed.
			fmt.Fprintf(std.err, "masker: internal error (%T) at %s; this is a bug, please report it with this line\n", p, crash.Site(string(debug.Stack())))
			code = exitFailed
		}
	}()
	root := a.root()
	if err := secretArgument(args); err != nil {
		a.printError(err)
		return exitCode(err)
	}
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	if err != nil {
		a.printError(err)
	}
	return exitCode(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "masker",
		Short: "Refresh less protected environments from production, without sensitive values",
		Long: "Masker moves a database from a more protected environment to a less protected one.\n" +
			"Reviewed rules decide what every column becomes. A column without a decision stops the\n" +
			"refresh before a row is read. Masker replaces the target completely or not at all.\n\n" + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see %s --help", err, cmd.CommandPath())
	})
	f := root.PersistentFlags()
	f.StringVarP(&a.configFile, "config", "c", "masker.yaml", "configuration `file`; relative paths in it start from its folder")
	f.StringVar(&a.logFormat, "log-format", "text", "format of progress and errors on stderr: `text|json`")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "show results and errors only, no progress")
	f.BoolVar(&a.noColor, "no-color", false, "show no bars and no colours, even on a terminal")
	root.AddCommand(a.demo(), a.init(), a.discover(), a.check(), a.rules(), a.sign(), a.approve(), a.plan(), a.preview(), a.diff(), a.run(), a.verify(), a.rollback(), a.retire(), a.branch(), a.subset(), a.fixture(), a.pull(), a.keys(), a.reveal(), a.doctor(), a.ledger(), a.provenance(), a.treatments(), a.schema(), a.version())
	var verbs []string
	for _, c := range root.Commands() {
		asUsage(c)
		verbs = append(verbs, c.Name())
	}
	root.Args = func(_ *cobra.Command, given []string) error {
		if len(given) > 0 {
			return usage("there is no verb %q%s; see masker --help", given[0], spell.Mean(given[0], verbs))
		}
		return nil
	}
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		return oneOf("log-format", a.logFormat, "text", "json")
	}
	return root
}

// asUsage turns cobra's errors about arguments into usage errors, so that the exit code is 2. The usage errors quote no
// argument, because an argument may be a secret.
func asUsage(c *cobra.Command) {
	args := c.Args
	c.Args = func(cmd *cobra.Command, given []string) error {
		if args == nil {
			return nil
		}
		err := args(cmd, given)
		if err == nil || exitCode(err) == exitUsage {
			return err
		}
		hint := ""
		if cmd.Flags().Lookup("flow") != nil {
			hint = "; the name of a flow follows --flow"
		}
		return usage("these arguments do not fit; write %s%s, and see %s --help", cmd.UseLine(), hint, cmd.CommandPath())
	}
}

// printError writes an error to stderr, as text or as a JSON event.
func (a *app) printError(err error) {
	text := movement.Words(err)
	if a.logFormat == "json" {
		r := report.New(report.JSON(a.err), now)
		r.SetRun(a.runID, a.flow)
		r.Fail(exitCode(err), text)
		return
	}
	// An error may have several lines, such as a list of undecided columns. Clean would escape the line breaks, so the
	// loop passes one line at a time to Clean.
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = report.Clean(lines[i])
	}
	fmt.Fprintf(a.err, "masker: %s\n", strings.Join(lines, "\n"))
}

// setRun stores the run and the flow that later events, notes and errors name.
func (a *app) setRun(rep *report.Reporter, run, flow string) {
	a.runID, a.flow = run, flow
	rep.SetRun(run, flow)
}

// note prints a note for the operator.
func (a *app) note(text string) {
	r := a.reporter("text")
	defer r.Close()
	r.SetRun(a.runID, a.flow)
	r.Note(text)
}

// reporter returns a reporter of progress on stderr. If format is json, it writes events to stdout instead.
func (a *app) reporter(format string) *report.Reporter {
	switch {
	case format == "json":
		return report.New(report.JSON(a.out), now)
	case a.quiet:
		return report.New(report.Discard(), now)
	case a.logFormat == "json":
		return report.New(report.JSON(a.err), now)
	case !a.noColor && isTerminal(a.err):
		return report.New(report.Terminal(a.err), now)
	}
	return report.New(report.Plain(a.err), now)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// oneOf returns a usage error if the value of a flag is not one of the allowed words.
func oneOf(flag, value string, allowed ...string) error {
	for _, w := range allowed {
		if value == w {
			return nil
		}
	}
	return usage("--%s %q: want %s", flag, value, strings.Join(allowed, " or "))
}

func environ(env []string) map[string]string {
	m := make(map[string]string, len(env))
	for _, e := range env {
		if name, value, ok := strings.Cut(e, "="); ok {
			m[name] = value
		}
	}
	return m
}
