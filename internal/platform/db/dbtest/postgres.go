package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/pgserver"
)

// cluster is a PostgreSQL server for this test process.
type cluster struct {
	server   *pgserver.Server // kept: its folder is deleted when nobody holds it any more; nil for one that was named
	base     *url.URL         // the address of its database "postgres"
	mu       sync.Mutex
	template string
}

func (c *cluster) url(name string) string {
	u := *c.base
	u.Path = "/" + name
	return u.String()
}

func (c *cluster) exec(query string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.base.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, query)
	return err
}

func (c *cluster) create(name string) error {
	// One at a time: a template may not be in use while it is copied.
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.template == "" {
		tpl := fmt.Sprintf("tpl_%d", os.Getpid())
		if err := c.exec("CREATE DATABASE " + tpl + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"); err != nil {
			return err
		}
		d, err := db.Open(context.Background(), c.url(tpl), db.Options{})
		if err != nil {
			return err
		}
		if err := db.Migrate(context.Background(), d); err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
		c.template = tpl
	}
	return c.exec("CREATE DATABASE " + name + " TEMPLATE " + c.template)
}

func (c *cluster) drop(name string) error { return c.exec("DROP DATABASE " + name + " WITH (FORCE)") }

// server starts the cluster once. Both results nil: there is none to be had here.
var server = sync.OnceValues(func() (*cluster, error) {
	if env := os.Getenv("HEADWATER_TEST_POSTGRES"); env != "" {
		u, err := url.Parse(env)
		return &cluster{base: u}, err
	}
	bin := pgserver.Programs()
	if bin == "" {
		return nil, nil
	}
	s, err := pgserver.New(bin, "")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Forget(), s.Init()); err != nil {
		return nil, err
	}
	if err := s.Start("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=300", "shared_buffers=64MB"); err != nil {
		return nil, err
	}
	base, err := url.Parse(s.URL("postgres"))
	return &cluster{server: s, base: base}, err
})
