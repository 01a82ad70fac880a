package metrics

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// label is a name and a value that a series carries.
type label struct{ name, value string }

// gauge is one figure, or one for each value of a second label.
type gauge struct {
	name, help string
	of         label
	by         string             // the second label's name, "" for none
	values     map[string]float64 // by the second label's value
}

func (g *gauge) set(v float64) { g.values[""] = v }

func (g *gauge) add(value string, v float64) { g.values[value] += v }

// text is the figures in Prometheus' text format, version 0.0.4. A gauge that was never set is not among them.
func (m *Run) text() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	var b []byte
	for _, g := range m.gauges {
		if len(g.values) > 0 {
			b = fmt.Appendf(b, "# HELP %s %s\n# TYPE %s gauge\n", g.name, g.help, g.name)
		}
		for _, value := range slices.Sorted(maps.Keys(g.values)) {
			b = fmt.Appendf(b, `%s{%s="%s"`, g.name, g.of.name, escape.Replace(g.of.value))
			if g.by != "" {
				b = fmt.Appendf(b, `,%s="%s"`, g.by, escape.Replace(value))
			}
			b = strconv.AppendFloat(append(b, "} "...), g.values[value], 'g', -1, 64)
			b = append(b, '\n')
		}
	}
	return b
}

// WriteFile writes the figures where node_exporter's textfile collector reads them, whole or not at all.
func (m *Run) WriteFile(path string) error {
	if err := replace(path, m.text()); err != nil {
		return fmt.Errorf("metrics: cannot write: %w", err)
	}
	return nil
}

// replace takes care that the name of the file that is not whole yet does not end in .prom: the collector would read it.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone where all went well
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil { // the collector runs as somebody else
		return err
	}
	return os.Rename(f.Name(), path)
}
