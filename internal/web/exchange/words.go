package exchange

import (
	"context"

	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// span says when a run began, and ended if it did.
func span(ctx context.Context, run exchange.Past) string {
	if run.Finished.IsZero() {
		return shell.T(ctx, "exchange.since", shell.Instant(ctx, run.Started))
	}
	return shell.T(ctx, "exchange.span", shell.Instant(ctx, run.Started), run.Finished.Sub(run.Started).Seconds())
}

// made names what rows named and a run made.
func made(ctx context.Context, what string) string {
	return shell.T(ctx, "exchange.kind."+what)
}
