package backup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
)

// program runs one of PostgreSQL's. The password goes by the environment: arguments can be read by everybody on the machine.
func program(ctx context.Context, name, database string, args ...string) error {
	address, password, err := apart(database)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, name, append(args, "--dbname", address)...)
	cmd.Env = os.Environ()
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// apart takes the password out of a database's address. One among the settings counts before one in front of the host, as
// the driver has it. Errors: for a password of a key, which PostgreSQL's programs take from their arguments only.
func apart(database string) (address, password string, err error) {
	u, err := url.Parse(database)
	if err != nil {
		return "", "", errors.New("the address of the database cannot be read") // it may hold a password: it is not repeated
	}
	settings := u.Query()
	if settings.Has("sslpassword") {
		return "", "", errors.New("the address of the database holds an sslpassword, which pg_dump and pg_restore would show to everybody on the machine: use a key without one, closed to others")
	}
	password, _ = u.User.Password()
	if settings.Has("password") {
		password = settings.Get("password")
		settings.Del("password")
		u.RawQuery = settings.Encode()
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u.String(), password, nil
}
