package shell

import (
	"context"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Country names a country of ISO 3166 in the viewer's language. Codes that the standard leaves to
// users are named by the catalogue, or stand for themselves.
func Country(ctx context.Context, code string) string {
	if key := "country." + strings.ToLower(code); lang.Has(key) {
		return T(ctx, key)
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(language.Make(lang.Of(ctx).Tag())).Name(region); name != "" {
		return name
	}
	return code
}
