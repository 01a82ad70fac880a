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

// lent is a session of masker that another program uses. The program connects to a socket in a folder that only this
// user may enter, and needs no address, no password and no certificate. The session has the same settings as all other
// sessions of masker. The watcher of the snapshot also checks whether somebody waits for the locks of this session.
type lent struct {
	snapshot *Postgres
	conn     *pgx.Conn // hijacked; used only for its process id and for cancelling
	server   *pgconn.HijackedConn
	dir      string
	listener net.Listener
	tasks    sync.WaitGroup
	closing  sync.Once
	moved    atomic.Int64 // when a byte last passed in either direction, in nanoseconds since 1970
	waiting  atomic.Bool  // the program sent bytes, and the server has not answered yet

	mu     sync.Mutex
	client net.Conn // the program's connection; nil before the program has connected
	over   bool     // no more bytes are expected from the program
	broken error    // why the connection to the server ended; nil if the program ended it
}

// thinking is how long a program may leave its session unused, as a multiple of ConnectionPatience.
const thinking = 10

// lend opens a session for one program. The session ends with close.
func (p *Postgres) lend(ctx context.Context) (*lent, error) {
	l := &lent{snapshot: p}
	l.moved.Store(time.Now().UnixNano())
	var err error
	if l.conn, err = p.connect(ctx, pgsession.Options{Silence: l.silence}); err != nil {
		return nil, err
	}
	if l.server, err = hijack(ctx, l.conn); err != nil {
		p.leave(l.conn)
		return nil, fmt.Errorf("lending a session: %w", pgsession.Safe(err))
	}
	if err := l.listen(ctx); err != nil {
		l.close()
		return nil, fmt.Errorf("cannot make a socket for pg_dump: %w; set TMPDIR to a folder that belongs to you", err)
	}
	l.tasks.Go(l.accept)
	return l, nil
}

// hijack takes a session away from pgx. If a write takes long, pgx reads in the background. Such a read can still wait
// after the answer has come, and would take the beginning of the next answer, so hijack first lets it end.
func hijack(ctx context.Context, conn *pgx.Conn) (*pgconn.HijackedConn, error) {
	if err := conn.PgConn().SyncConn(ctx); err != nil {
		return nil, err
	}
	return conn.PgConn().Hijack()
}

// port is a part of the socket's name. masker opens no TCP port.
const port = "5432"

// listen opens the socket.
func (l *lent) listen(ctx context.Context) (err error) {
	if l.dir, err = socketDir(); err != nil {
		return err
	}
	l.listener, err = (&net.ListenConfig{}).Listen(ctx, "unix", filepath.Join(l.dir, ".s.PGSQL."+port))
	return err
}

// env returns the environment variables that lead the program to the socket.
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

// close ends the session and removes the socket. Any goroutine may call it, and more than once.
func (l *lent) close() {
	l.closing.Do(func() {
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
		_ = os.RemoveAll(l.dir) // the folder has only a socket, which nobody uses any more
	})
	l.tasks.Wait()
}

// failure returns the error that ended the connection to the server while the program still used it. Otherwise it
// returns nil.
func (l *lent) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}

// accept serves the connections to the socket until the socket is closed.
func (l *lent) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.tasks.Go(func() {
			defer client.Close()
			l.serve(client)
		})
	}
}

// serve reads the first message of a connection. The connection is for the session, or it is a request to cancel the
// session's query.
func (l *lent) serve(client net.Conn) {
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
			if l.claim(client) && l.welcome(backend) == nil {
				_ = client.SetReadDeadline(time.Time{})
				l.relay(client)
			}
			return
		default:
			return
		}
	}
}

// claim reports whether a connection gets the session. Only the first connection gets it.
func (l *lent) claim(client net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil || l.over {
		return false
	}
	l.client = client
	return true
}

// welcome answers the program's login with the messages that the server sent when masker logged in.
func (l *lent) welcome(backend *pgproto3.Backend) error {
	backend.Send(&pgproto3.AuthenticationOk{})
	for name, value := range l.server.ParameterStatuses {
		backend.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	backend.Send(&pgproto3.BackendKeyData{ProcessID: l.server.PID, SecretKey: l.server.SecretKey})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	return backend.Flush()
}

// relay copies bytes in both directions until one side ends. A program that ends sends a Terminate message, and the
// server then closes its side.
func (l *lent) relay(client net.Conn) {
	var both sync.WaitGroup
	both.Go(func() {
		_, err := io.Copy(l.server.Conn, observed{client, l, true})
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
		_, err := io.Copy(client, observed{l.server.Conn, l, false})
		l.ended(client, err)
	})
	both.Wait()
}

// ended closes both sides. If the program still used the session, ended stores the error for failure.
func (l *lent) ended(client net.Conn, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil && !l.over {
		l.broken = err
	}
	l.over = true
	_, _ = client.Close(), l.server.Conn.Close()
}

// observed is a reader that records in lent when it has read bytes, and which side sent them.
type observed struct {
	io.Reader
	lent    *lent
	program bool // the reader reads from the program, not from the server
}

func (o observed) Read(b []byte) (int, error) {
	read, err := o.Reader.Read(b)
	o.lent.moved.Store(time.Now().UnixNano())
	o.lent.waiting.Store(o.program)
	return read, err
}

// silence is the function Silence in the options of the session. It returns what is wrong with a session that is quiet,
// or "" if nothing is wrong.
func (l *lent) silence(pid uint32) (wrong string) {
	wrong = l.snapshot.silence(pid)
	if wrong == pgsession.Dropped && l.inOrder(time.Since(time.Unix(0, l.moved.Load())), l.snapshot.opt.ConnectionPatience) {
		return ""
	}
	return wrong
}

// inOrder reports whether a quiet session is in order although its server process has nothing to do. It is in order if
// the program is busy for a while, or has sent a query only a moment ago.
func (l *lent) inOrder(quiet, patience time.Duration) bool {
	if l.waiting.Load() {
		return quiet < patience
	}
	return quiet < thinking*patience
}
