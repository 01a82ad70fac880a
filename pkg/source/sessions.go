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

// sessions has all sessions of a snapshot that are open. The watcher checks whether others wait for locks that their
// server processes hold. If the run has to give way, all sessions end at once.
type sessions struct {
	mu    sync.Mutex
	open  map[uint32]func(context.Context) // by server process; the function ends the session, from any goroutine
	spare []*pgx.Conn                      // sessions without a transaction that wait for their next use; most were opened beforehand, because a login may have to wait
	ended error                            // why all sessions were ended; nil as long as the snapshot is open
}

// enter adds a session. If all sessions were ended already, it also ends this session and returns the reason.
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

// leave removes a session.
func (s *sessions) leave(pid uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, pid)
}

// processes returns the server processes of all sessions.
func (s *sessions) processes() []int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]int32, 0, len(s.open))
	for pid := range s.open {
		list = append(list, int32(pid))
	}
	return list
}

// keep keeps a session without a transaction for its next use.
func (s *sessions) keep(conn *pgx.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spare = append(s.spare, conn)
}

// take returns a session that was kept, or nil if there is none left.
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

// endPatience is how long the end of a session may take. It is short, because production may wait for the end.
const endPatience = time.Second

// end ends every session except one, whatever they are doing, and returns their server processes. From now on every use
// of the snapshot fails with the reason why.
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

// why returns the reason why all sessions were ended, if they were. Otherwise it returns err. The reason says more than
// the error of a connection that was closed while in use.
func (s *sessions) why(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.ended != nil {
		return s.ended
	}
	return err
}

// over reports whether all sessions were ended.
func (s *sessions) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended != nil
}

// cutOff returns a function that ends a session, from any goroutine. A server process notices that its connection is
// closed when it reads or writes. A process that executes a statement needs a cancel request, which needs no login.
func cutOff(conn *pgx.Conn) func(context.Context) {
	pg := conn.PgConn()
	return func(ctx context.Context) {
		_ = pg.Conn().Close()
		_ = pg.CancelRequest(ctx) // it does not matter if the statement has ended already
	}
}

// giveUp ends every session. The error why is the reason. If the network passes nothing on, the server does not notice
// that a connection was closed. A cancel request does not end an idle transaction. Therefore the watcher terminates the
// server processes that are left. The watcher's own connection usually still works. The watcher's session ends last.
func (p *Postgres) giveUp(why error) {
	pids := p.sessions.end(why, p.watcherPID())
	p.terminate(pids)
	p.watching.Lock()
	defer p.watching.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), endPatience)
	defer cancel()
	cutOff(p.watcher)(ctx)
}

// terminate ends the server processes of sessions that masker has just closed, if they still exist. A role may end its
// own processes.
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

// connect opens a session of this snapshot and adds it to sessions.
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

// lockTimeout is how long a statement on the source waits for a lock. It is short, because other sessions have to wait
// behind a statement that waits.
const lockTimeout = time.Second

// idlePatience is how long a session's transaction may be idle, as a multiple of ConnectionPatience. After that the
// server ends the session and releases its locks. Workers are idle while the target is busy. The session that holds the
// snapshot sends pings.
const idlePatience = 10

// leave closes a session of this snapshot. It waits at most a second, because perhaps the server does not answer.
func (p *Postgres) leave(conn *pgx.Conn) {
	closeSoon(conn)
	p.sessions.leave(conn.PgConn().PID())
}

// session returns another session with a transaction on the snapshot. It uses a session that was opened beforehand. If
// none is left, it opens a new session.
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
			return nil, fmt.Errorf("the snapshot is gone: the session that held it ended, or the host name of the URL leads to several servers: %w", err)
		}
		return nil, err
	}
	return conn, nil
}

// spare opens another session, without a transaction.
func (p *Postgres) spare(ctx context.Context) (*pgx.Conn, error) {
	return p.connect(ctx, pgsession.Options{MaxMessage: p.maxMessage(), Silence: p.silence})
}

// openBeforehand opens the sessions that a run will need. A login has to wait while somebody holds or waits for a lock
// on pg_authid. A run should not have to wait for a login while it holds locks.
func (p *Postgres) openBeforehand(ctx context.Context) error {
	if p.opt.Sessions == 0 {
		return nil
	}
	list := make([]*pgx.Conn, p.opt.Sessions)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		p.outside, err = p.connect(ctx, pgsession.Options{Silence: p.silence})
		return err
	})
	for i := range list {
		group.Go(func() (err error) {
			list[i], err = p.spare(ctx)
			return err
		})
	}
	err := group.Wait()
	for _, conn := range list {
		if conn != nil {
			p.sessions.keep(conn)
		}
	}
	return err
}

// closeSpare closes the sessions that wait for their next use.
func (p *Postgres) closeSpare() {
	for conn := p.sessions.take(); conn != nil; conn = p.sessions.take() {
		p.leave(conn)
	}
}
