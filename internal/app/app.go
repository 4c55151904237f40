package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/headwater-platform/headwater/internal/api"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/once"
	"github.com/headwater-platform/headwater/internal/platform/seal"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/similar"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web"
	awardpages "github.com/headwater-platform/headwater/internal/web/award"
	callpages "github.com/headwater-platform/headwater/internal/web/call"
	councilpages "github.com/headwater-platform/headwater/internal/web/council"
	decisionpages "github.com/headwater-platform/headwater/internal/web/decision"
	exchangepages "github.com/headwater-platform/headwater/internal/web/exchange"
	"github.com/headwater-platform/headwater/internal/web/home"
	insightpages "github.com/headwater-platform/headwater/internal/web/insight"
	"github.com/headwater-platform/headwater/internal/web/outbox"
	panelpages "github.com/headwater-platform/headwater/internal/web/panel"
	proposalpages "github.com/headwater-platform/headwater/internal/web/proposal"
	"github.com/headwater-platform/headwater/internal/web/record"
	registerpages "github.com/headwater-platform/headwater/internal/web/register"
	retentionpages "github.com/headwater-platform/headwater/internal/web/retention"
	reviewpages "github.com/headwater-platform/headwater/internal/web/review"
	schemepages "github.com/headwater-platform/headwater/internal/web/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
	similarpages "github.com/headwater-platform/headwater/internal/web/similar"
	strategypages "github.com/headwater-platform/headwater/internal/web/strategy"
	techmappages "github.com/headwater-platform/headwater/internal/web/techmap"
)

// origin names the ledger in its heads.
const origin = "headwater-ledger"

// App is a running installation.
type App struct {
	Config Config
	DB     *db.DB
	Ledger *ledger.Ledger
	Jobs   *job.Queue
	Mail   *mail.Service
	Files  *file.Store

	Accounts  *account.Service
	Register  *register.Service
	Schemes   *scheme.Service
	Strategy  *strategy.Service
	Maps      *techmap.Service
	Council   *council.Service
	Calls     *call.Service
	Proposals *proposal.Service
	Reviews   *review.Service
	Panels    *panel.Service
	Decisions *decision.Service
	Awards    *award.Service
	Similar   *similar.Service
	Exchange  *exchange.Service
	Retention *retention.Service

	Handler http.Handler
	Web     *web.Server
	API     *api.API

	// Leave has /readyz say no from now on, while everything is answered as before.
	Leave func()

	stop context.CancelFunc
	name lang.Text // of the installation
	done chan struct{}
}

// Open opens the database, brings its schema up to date and makes the rooms.
// Until Close, entries are placed in the ledger and jobs done in the background.
func Open(ctx context.Context, c Config) (*App, error) {
	zone, err := c.zone()
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", c.Zone, err)
	}
	name, err := lang.Named(c.Country)
	if err != nil {
		return nil, fmt.Errorf("name of the installation %q: %w", c.Country, err)
	}
	if c.Clock.Now != nil {
		ctx = clock.With(ctx, c.Clock)
	}
	d, err := db.Open(ctx, c.Database, db.Options{Relaxed: c.Relaxed})
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, DB: d, name: name, done: make(chan struct{})}
	if err := a.schema(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if a.Ledger, err = ledger.OpenSealed(ctx, d, origin, c.Keys); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if a.Ledger.Locked() && !c.ReadOnly {
		return nil, errors.Join(seal.ErrLocked, d.Close())
	}
	if err := a.outside(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	a.rooms()
	if !c.ReadOnly {
		if err := a.Accounts.Reseal(ctx); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	a.API = api.New(a.services(), a.apiActor, c.Clock)
	pages := a.pages()
	watched := a.probes()
	a.Leave = watched.Leave
	count := func(ctx context.Context, actor access.Actor) (int, error) {
		tasks, err := pages.Home.Tasks(ctx, actor)
		return len(tasks), err
	}
	a.Web = &web.Server{Pages: pages, Country: a.name, Zone: zone, Demo: c.Demo, Clock: c.Clock, Session: a.session, API: a.API, Probes: watched.Handler(),
		Waiting: (&waiting{count: count, memory: memory[string, int]{acts: a.Ledger.Acts}}).of}
	a.Handler = a.Web.Handler()
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop = stop
	go a.run(background)
	return a, nil
}

// schema brings the schema up to date; that of a standby comes from where it follows.
func (a *App) schema(ctx context.Context) error {
	if !a.Config.ReadOnly {
		return db.Migrate(ctx, a.DB)
	}
	n, err := db.Pending(ctx, a.DB)
	if err == nil && n == 0 {
		return nil
	}
	return fmt.Errorf("%w: start a server of this version on the database that this one follows first", cmp.Or(err, fmt.Errorf("the schema lacks %d migrations", n)))
}

// rooms makes each room's service, in the order in which a record passes through them.
func (a *App) rooms() {
	d, l := a.DB, a.Ledger
	a.Accounts = a.accounts()
	a.Register = &register.Service{DB: d, Ledger: l, Staff: desk{a}}
	tell := notifier{a.Accounts, a.Register, a.Mail}
	a.Schemes = &scheme.Service{DB: d, Ledger: l}
	a.Calls = &call.Service{DB: d, Ledger: l, Schemes: a.Schemes}
	a.Proposals = &proposal.Service{DB: d, Ledger: l, Schemes: a.Schemes, Calls: a.Calls, Register: a.Register, Files: a.Files, Notify: tell, Desk: desk{a}}
	a.Reviews = &review.Service{DB: d, Ledger: l, Register: a.Register, Schemes: a.Schemes, Calls: a.Calls, Proposals: a.Proposals, Notify: tell, Tickets: a.Accounts, Jobs: a.Jobs, Embedder: a.Config.Embedder, EmbedShare: a.Config.EmbedShare}
	kept := &conflicted{db: d, find: a.Reviews.Conflicted, memory: memory[string, map[string]bool]{acts: l.Acts}}
	a.Calls.Conflicted, a.Proposals.Conflicted, a.Reviews.Remembered = kept.of, kept.of, kept.of
	counts := &memory[string, int]{acts: l.Acts}
	a.Proposals.Remember = func(ctx context.Context, key string, find func() (int, error)) (int, error) {
		return counts.outside(ctx, d, key, find)
	}
	a.Panels = &panel.Service{DB: d, Ledger: l, Register: a.Register, Schemes: a.Schemes, Calls: a.Calls, Proposals: a.Proposals, Reviews: a.Reviews, Notify: tell}
	a.Awards = &award.Service{DB: d, Ledger: l, Register: a.Register, Schemes: a.Schemes, Search: &search.Index{DB: d}, Notify: tell, Conflicted: kept.of, Later: a.indexLater}
	a.Strategy = &strategy.Service{DB: d, Ledger: l, Register: a.Register, Subjects: subjects{a.Calls, a.Awards}}
	a.Maps = &techmap.Service{DB: d, Ledger: l, Register: a.Register, Strategy: a.Strategy, Below: follow{a.Strategy, a.Calls, a.Awards}}
	a.Calls.Strategy, a.Calls.Belongs = a.Strategy, a.Proposals.Belongs
	a.Decisions = &decision.Service{DB: d, Ledger: l, Register: a.Register, Schemes: a.Schemes, Calls: a.Calls, Proposals: a.Proposals, Reviews: a.Reviews, Panels: a.Panels, Maps: a.Maps, Awards: a.Awards, Notify: tell, Conflicted: kept.of}
	a.Council = &council.Service{DB: d, Ledger: l, Register: a.Register, Strategy: a.Strategy, Subjects: about{a.Strategy, a.Calls, a.Decisions}, Notify: tell}
	a.Strategy.Council, a.Decisions.Holds = a.Council, a.Council.Holds
	a.Reviews.Lists = a.Decisions
	a.Similar = &similar.Service{DB: d, Ledger: l, Schemes: a.Schemes, Conflicted: kept.of}
	a.Exchange = &exchange.Service{DB: d, Ledger: l, Register: a.Register, Calls: a.Calls, Proposals: a.Proposals, Reviews: a.Reviews, Awards: a.Awards}
	a.Retention = &retention.Service{DB: d, Ledger: l, Files: a.Files, Search: &search.Index{DB: d}, Jobs: a.Jobs, Reindex: a.Awards.Index, Notify: tell, Accounts: a.Accounts, Mail: a.Mail, Conflicted: kept.of}
}

// Close stops what runs in the background and closes the database.
func (a *App) Close() error {
	a.stop()
	<-a.done
	return a.DB.Close()
}

// services are what the API's operations call.
func (a *App) services() api.Services {
	return api.Services{
		Accounts:  a.Accounts,
		Register:  a.Register,
		Schemes:   a.Schemes,
		Strategy:  a.Strategy,
		Maps:      a.Maps,
		Council:   a.Council,
		Calls:     a.Calls,
		Proposals: a.Proposals,
		Reviews:   a.Reviews,
		Panels:    a.Panels,
		Decisions: a.Decisions,
		Awards:    a.Awards,
		Insight:   &insight.Service{DB: a.DB},
		Similar:   a.Similar,
		Exchange:  a.Exchange,
		Retention: a.Retention,
		Ledger:    a.Ledger,
		Address:   strings.TrimSuffix(a.Config.Address, "/"),
		Once:      &once.Keeper{DB: a.DB},
	}
}

// pages are the rooms' pages.
func (a *App) pages() web.Pages {
	p := web.Pages{
		Account:  a.accountPages(),
		Call:     &callpages.Pages{Calls: a.Calls, Schemes: a.Schemes, Register: a.Register, Strategy: a.Strategy, Address: strings.TrimSuffix(a.Config.Address, "/")},
		Proposal: &proposalpages.Pages{Proposals: a.Proposals, Calls: a.Calls, Reviews: a.Reviews, Register: a.Register, Lettered: a.Decisions.Lettered},
		Review:   &reviewpages.Pages{Reviews: a.Reviews, Panels: a.Panels, Proposals: a.Proposals, Register: a.Register},
		Panel:    &panelpages.Pages{Panels: a.Panels, Register: a.Register},
		Scheme:   &schemepages.Pages{Schemes: a.Schemes},
		Decision: &decisionpages.Pages{Decisions: a.Decisions, Register: a.Register},
		Award:    &awardpages.Pages{Awards: a.Awards, Register: a.Register, Serves: follow{a.Strategy, a.Calls, a.Awards}.serves(a.Maps), Address: a.Config.Address},
		Register: &registerpages.Pages{Register: a.Register, Awards: a.Awards},
		Strategy: &strategypages.Pages{Strategy: a.Strategy, Register: a.Register, Council: a.Council, Calls: a.Calls, Maps: a.Maps},
		Techmap:  &techmappages.Pages{Maps: a.Maps, Register: a.Register, Strategy: a.Strategy},
		Council:  &councilpages.Pages{Council: a.Council, Register: a.Register},
		Record:   &record.Pages{Ledger: a.Ledger, Register: a.Register},
		Similar:  &similarpages.Pages{Similar: a.Similar},
		Outbox:   &outbox.Pages{Mail: a.Mail, Demo: a.Config.Demo},
		Exchange: &exchangepages.Pages{Exchange: a.Exchange},
	}
	p.Decision.Beside = p.Council.Beside
	p.Retention = &retentionpages.Pages{Retention: a.Retention, Client: p.Account.Address}
	figures := &insight.Service{DB: a.DB}
	p.Insight = &insightpages.Pages{Insight: figures}
	steady := &remembered{rooms: []home.Waiter{p.Review, p.Panel, p.Decision, p.Call, p.Award, p.Account, p.Exchange, p.Strategy, p.Techmap, p.Council, p.Record, p.Retention, p.Outbox},
		memory: memory[reader, []shell.Task]{acts: a.Ledger.Acts}}
	p.Home = &home.Pages{Calls: a.Calls, Counts: figures.Counts, Waits: []home.Waiter{p.Proposal, steady}, Moves: []home.Mover{p.Proposal}}
	return p
}
