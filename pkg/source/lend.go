package source

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/masker-project/masker/internal/pgsession"
)

// lent is a session of ours on which another program speaks, through a socket in a folder that only this user may
// enter. The program needs no address, no password and no certificate. The session has the settings of all
// others, and its server process is known to the watcher.
type lent struct {
	snapshot *Postgres
	conn     *pgx.Conn // hijacked: good for its number and for cancelling
	server   *pgconn.HijackedConn
	dir      string
	listener net.Listener
	tasks    sync.WaitGroup
	ending   sync.Once
	moved    atomic.Int64 // when a byte last came or went, in nanoseconds since 1970
	owed     atomic.Bool  // the program asked last, and the server has not answered yet

	mu     sync.Mutex
	client net.Conn // nil before the program has connected
	over   bool
	broken error // what ended the connection to the server
}

// thinking is how many times ConnectionPatience a program may be busy by itself, without asking the server anything.
const thinking = 10

// lend opens a session for one program, until close.
func (p *Postgres) lend(ctx context.Context) (*lent, error) {
	l := &lent{snapshot: p}
	l.moved.Store(time.Now().UnixNano())
	var err error
	if l.conn, err = p.connect(ctx, pgsession.Options{Silence: l.silence}); err != nil {
		return nil, err
	}
	if l.server, err = l.conn.PgConn().Hijack(); err != nil {
		p.leave(l.conn)
		return nil, fmt.Errorf("lending a session: %w", pgsession.Safe(err))
	}
	if err := l.listen(ctx); err != nil {
		l.close()
		return nil, fmt.Errorf("cannot make a socket for pg_dump: %w; name a folder of your own in TMPDIR", err)
	}
	l.tasks.Go(l.accept)
	return l, nil
}

// port is only a part of the socket's name.
const port = "5432"

func (l *lent) listen(ctx context.Context) (err error) {
	if l.dir, err = socketDir(); err != nil {
		return err
	}
	l.listener, err = (&net.ListenConfig{}).Listen(ctx, "unix", filepath.Join(l.dir, ".s.PGSQL."+port))
	return err
}

// env tells the program where its session is.
func (l *lent) env() []string {
	cfg := l.server.Config
	env := []string{
		"PGHOST=" + l.dir, "PGPORT=" + port, "PGUSER=" + cfg.User, "PGDATABASE=" + cfg.Database,
		"PGPASSFILE=" + os.DevNull, "PGSERVICEFILE=" + os.DevNull, "PGSYSCONFDIR=" + l.dir,
	}
	if name := ownName(); name != "" {
		env = append(env, "PGREQUIREPEER="+name)
	}
	return env
}

// close ends the session and everything around it. It may be called from any goroutine, and again.
func (l *lent) close() {
	l.ending.Do(func() {
		l.mu.Lock()
		over, client := l.over, l.client
		l.over = true
		l.mu.Unlock()
		if l.listener != nil {
			_ = l.listener.Close()
		}
		if client != nil {
			_ = client.Close()
		}
		if !over {
			ctx, cancel := context.WithTimeout(context.Background(), endPatience)
			defer cancel()
			cutOff(l.conn)(ctx)
		}
		l.snapshot.sessions.leave(l.server.PID)
		_ = os.RemoveAll(l.dir) // a socket; one that is left holds nothing
	})
	l.tasks.Wait()
}

// failure is what ended the connection to the server while the program still wanted it.
func (l *lent) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}

func (l *lent) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.tasks.Go(func() {
			defer client.Close()
			l.greet(client)
		})
	}
}

// greet reads how a connection begins: the program's own, or another that wants its query cancelled.
func (l *lent) greet(client net.Conn) {
	_ = client.SetReadDeadline(time.Now().Add(endPatience)) // the program is on this machine
	backend := pgproto3.NewBackend(client, client)
	for {
		first, err := backend.ReceiveStartupMessage()
		if err != nil {
			return
		}
		switch first.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := client.Write([]byte("N")); err != nil {
				return
			}
		case *pgproto3.CancelRequest:
			ctx, cancel := context.WithTimeout(context.Background(), endPatience)
			defer cancel()
			_ = l.conn.PgConn().CancelRequest(ctx)
			return
		case *pgproto3.StartupMessage:
			if l.enter(client) && l.welcome(backend) == nil {
				_ = client.SetReadDeadline(time.Time{})
				l.relay(client)
			}
			return
		default:
			return
		}
	}
}

// enter lets one program in, and no other.
func (l *lent) enter(client net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil || l.over {
		return false
	}
	l.client = client
	return true
}

// welcome says what the server said to us when we logged in.
func (l *lent) welcome(backend *pgproto3.Backend) error {
	backend.Send(&pgproto3.AuthenticationOk{})
	for name, value := range l.server.ParameterStatuses {
		backend.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	backend.Send(&pgproto3.BackendKeyData{ProcessID: l.server.PID, SecretKey: l.server.SecretKey})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	return backend.Flush()
}

// relay passes bytes on in both directions until one side ends. A program that ends takes its leave of the server first,
// which then closes its side.
func (l *lent) relay(client net.Conn) {
	var both sync.WaitGroup
	both.Go(func() {
		_, err := io.Copy(l.server.Conn, noting{client, l, true})
		if err != nil {
			l.ended(client, err)
			return
		}
		l.mu.Lock()
		l.over = true
		l.mu.Unlock()
		_ = l.server.Conn.SetDeadline(time.Now().Add(endPatience))
	})
	both.Go(func() {
		_, err := io.Copy(client, noting{l.server.Conn, l, false})
		l.ended(client, err)
	})
	both.Wait()
}

// ended closes both sides, and keeps what was wrong with the server's while the program still spoke on it.
func (l *lent) ended(client net.Conn, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && !l.over {
		l.broken = err
	}
	l.over = true
	_, _ = client.Close(), l.server.Conn.Close()
}

// noting reads, and notes when and from whom.
type noting struct {
	io.Reader
	lent    *lent
	program bool
}

func (n noting) Read(b []byte) (int, error) {
	read, err := n.Reader.Read(b)
	n.lent.moved.Store(time.Now().UnixNano())
	n.lent.owed.Store(n.program)
	return read, err
}

// silence leaves a program time to think: a server process that has nothing to do waits for it.
func (l *lent) silence(pid uint32) (wrong string) {
	wrong = l.snapshot.silence(pid)
	if wrong == pgsession.Dropped && !l.owed.Load() && time.Since(time.Unix(0, l.moved.Load())) < thinking*l.snapshot.opt.ConnectionPatience {
		return ""
	}
	return wrong
}
