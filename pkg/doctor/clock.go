package doctor

import "time"

// A difference of clocks above clockWarns is a warning, and a difference above clockStops is a problem. The clock
// decides which approvals and waivers are valid. Every event of the ledger has the clock's time.
const (
	clockWarns = time.Minute
	clockStops = 5 * time.Minute
)

// Clock compares a server's clock with the clock of this machine. The argument offset is the server's clock minus
// this machine's clock.
func (s *Sheet) Clock(area string, offset time.Duration) {
	const fix = "synchronize both clocks with the same time source (chrony, systemd-timesyncd)"
	way, by := "ahead of", offset.Round(time.Second)
	if offset < 0 {
		way, by = "behind", -by
	}
	switch {
	case by > clockStops:
		s.Problem(area, fix, "the server's clock is %s %s the clock of this machine: approvals expire at a wrong time, and the ledger has wrong dates", by, way)
	case by > clockWarns:
		s.Warn(area, fix, "the server's clock is %s %s the clock of this machine", by, way)
	default:
		s.OK(area, "the server's clock and the clock of this machine agree within a minute")
	}
}
