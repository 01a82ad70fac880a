package source

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/internal/pgsession"
)

// sessions are all that a snapshot has open. The watcher holds their server processes against the locks that others
// wait for, and ends them all at once where the run has to give way.
type sessions struct {
	mu    sync.Mutex
	open  map[uint32]func(context.Context) // by server process: ends it from any goroutine
	spare []*pgx.Conn                      // opened beforehand, since a login can be made to wait; in no transaction yet
	ended error                            // why all were ended; nil while the snapshot lives
}

// enter remembers a session. Where all were ended already, it is ended too and the reason returned.
func (s *sessions) enter(pid uint32, end func(context.Context)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		go end(context.Background())
		return s.ended
	}
	s.open[pid] = end
	return nil
}

func (s *sessions) leave(pid uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, pid)
}

// processes are the server processes of all sessions.
func (s *sessions) processes() []int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]int32, 0, len(s.open))
	for pid := range s.open {
		list = append(list, int32(pid))
	}
	return list
}

func (s *sessions) take() *pgx.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.spare) == 0 {
		return nil
	}
	conn := s.spare[len(s.spare)-1]
	s.spare = s.spare[:len(s.spare)-1]
	return conn
}

// endPatience is how long a session's end may take: production waits for it.
const endPatience = time.Second

// end ends every session but one, whatever they do, and lets everything asked of them from now on fail for this reason. It
// returns their server processes.
func (s *sessions) end(why error, but uint32) (pids []int32) {
	s.mu.Lock()
	var all []func(context.Context)
	if s.ended == nil {
		s.ended = why
		for pid, end := range s.open {
			if pid != but {
				all, pids = append(all, end), append(pids, int32(pid))
			}
		}
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), endPatience)
	defer cancel()
	var ending sync.WaitGroup
	for _, end := range all {
		ending.Go(func() { end(ctx) })
	}
	ending.Wait()
	return pids
}

// why is the reason for which all sessions were ended, where they were, else the error itself: that of a connection
// which was closed under somebody's hands explains nothing.
func (s *sessions) why(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.ended != nil {
		return s.ended
	}
	return err
}

// over says that all sessions were ended.
func (s *sessions) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended != nil
}

// cutOff ends a session from any goroutine. The server process of a closed connection ends where it reads or writes;
// one that works on something else has to be told. A cancel request needs no login.
func cutOff(conn *pgx.Conn) func(context.Context) {
	pg := conn.PgConn()
	return func(ctx context.Context) {
		_ = pg.Conn().Close()
		_ = pg.CancelRequest(ctx) // too late is as good
	}
}

// giveUp ends every session for a reason. A network that passes nothing on keeps a closed connection's end from the server,
// and cancelling does nothing to a transaction that is idle. So the watcher, whose own connection works as a rule,
// ends what is left, and ends last.
func (p *Postgres) giveUp(why error) {
	pids := p.sessions.end(why, p.watcherPID())
	p.terminate(pids)
	p.watching.Lock()
	defer p.watching.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), endPatience)
	defer cancel()
	cutOff(p.watcher)(ctx)
}

// terminate ends server processes that were ours a moment ago, where they are still there. A role may end its own.
func (p *Postgres) terminate(pids []int32) {
	if len(pids) == 0 {
		return
	}
	_ = p.onWatcher(context.Background(), endPatience, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid`, pids)
		return err
	})
}

func (p *Postgres) watcherPID() uint32 {
	p.watching.Lock()
	defer p.watching.Unlock()
	return p.watcher.PgConn().PID()
}

// connect opens a session of this snapshot's own and remembers it.
func (p *Postgres) connect(ctx context.Context, o pgsession.Options) (*pgx.Conn, error) {
	o.Name, o.ReadOnly, o.LockTimeout = p.tag, true, lockTimeout
	o.Patience, o.IdlePatience = p.opt.ConnectionPatience, idlePatience*p.opt.ConnectionPatience
	conn, err := pgsession.Connect(ctx, p.url, o)
	if err != nil {
		return nil, err
	}
	if err := p.sessions.enter(conn.PgConn().PID(), cutOff(conn)); err != nil {
		return nil, err
	}
	return conn, nil
}

// lockTimeout is how long a statement on the source waits for somebody's exclusive lock. Whoever waits longer makes
// others wait behind it.
const lockTimeout = time.Second

// idlePatience is how many times ConnectionPatience a session's transaction may be idle before the server ends it, and with it
// its locks. Workers are idle while the target is busy; the session that holds the snapshot gives signs of life.
const idlePatience = 10

// leave ends a session of this snapshot without waiting long for a server that may not answer.
func (p *Postgres) leave(conn *pgx.Conn) {
	closeSoon(conn)
	p.sessions.leave(conn.PgConn().PID())
}

// session has one more session on the snapshot: one of those opened beforehand, else a new one.
func (p *Postgres) session(ctx context.Context) (*pgx.Conn, error) {
	conn := p.sessions.take()
	if conn == nil {
		var err error
		if conn, err = p.spare(ctx); err != nil {
			return nil, err
		}
	}
	if err := begin(ctx, conn, p.facts.SnapshotID); err != nil {
		p.leave(conn)
		if pgsession.Code(err) == "22023" || pgsession.Code(err) == "42704" {
			return nil, fmt.Errorf("the snapshot is gone: the session that held it ended, or the URL's name leads to several servers: %w", err)
		}
		return nil, err
	}
	return conn, nil
}

// spare has one more session, in no transaction yet.
func (p *Postgres) spare(ctx context.Context) (*pgx.Conn, error) {
	return p.connect(ctx, pgsession.Options{MaxMessage: p.maxMessage(), Silence: p.silence})
}

// openBeforehand opens the sessions that a run will need. A login has to wait where somebody holds or wants pg_authid,
// and a run that has locks should not have to wait for one.
func (p *Postgres) openBeforehand(ctx context.Context) error {
	list := make([]*pgx.Conn, p.opt.Sessions)
	group, ctx := errgroup.WithContext(ctx)
	for i := range list {
		group.Go(func() (err error) {
			list[i], err = p.spare(ctx)
			return err
		})
	}
	err := group.Wait()
	p.sessions.mu.Lock()
	defer p.sessions.mu.Unlock()
	for _, conn := range list {
		if conn != nil {
			p.sessions.spare = append(p.sessions.spare, conn)
		}
	}
	return err
}

// closeSpare ends the sessions nobody took.
func (p *Postgres) closeSpare() {
	for conn := p.sessions.take(); conn != nil; conn = p.sessions.take() {
		p.leave(conn)
	}
}
