package app

import (
	"context"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/home"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// waiting remembers how many things wait for each person, which every page shows and a
// dozen rooms are asked for.
type waiting struct {
	count func(ctx context.Context, a access.Actor) (int, error)
	memory[string, int]
}

// asker is all that an answer depends on of who asks: what an account may do changes by acts, too, but one and the same
// account is not always the same actor (a role asleep, a delegation, an organisation merged into its own).
func asker(a access.Actor) string { return fmt.Sprintf("%+v", a) }

func (w *waiting) of(ctx context.Context, a access.Actor) (int, error) {
	return w.memory.of(ctx, asker(a), func() (int, error) { return w.count(ctx, a) })
}

// remembered are rooms whose tasks change by acts and with the time alone, so that a home page that is opened again
// asks none of them. It fills home.Waiter. A room that shows what is saved while typing, which is no act, does not belong here;
// that a mail was given up is none either, and may be read a minute later.
type remembered struct {
	rooms []home.Waiter
	memory[reader, []shell.Task]
}

// reader is who reads tasks, and how: they are written in a language and a zone.
type reader struct {
	asker  string
	locale lang.Locale
	zone   string
}

// Tasks are those of all the rooms in their order; nobody may change them.
func (m *remembered) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	who := reader{asker(a), lang.Of(ctx), shell.Of(ctx).Zone.String()}
	return m.memory.of(ctx, who, func() (all []shell.Task, err error) {
		for _, room := range m.rooms {
			tasks, err := room.Tasks(ctx, a)
			if err != nil {
				return nil, err
			}
			all = append(all, tasks...)
		}
		return all, nil
	})
}
