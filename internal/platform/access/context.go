package access

import "context"

type actorKey struct{}

// With returns a context that carries the actor of the request, for the borders
// (web and api) only: services take the actor as an argument.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// From is the actor of the request; the public if there is none.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
