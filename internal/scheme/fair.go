package scheme

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Fair evaluation: what must not be asked of a proposal, and what who judges it does not
// get to see. After the San Francisco Declaration on Research Assessment (DORA, 2012) and
// the Agreement on Reforming Research Assessment (CoARA, 2022).

// proxy is something that stands for quality and is not.
type proxy struct {
	found   *regexp.Regexp
	why     string    // says that and where it should not be asked
	instead lang.Text // what to ask in its place, in the language of the text
}

var proxies = []proxy{
	{regexp.MustCompile(`(?i)impact factor|\bJIF\b|journal (?:rank|metric|quartile|prestige)|(?:rank|prestige|reputation) of (?:the )?journals?|\b(?:top|leading|high-impact|prestigious|Q1) (?:journal|venue)s?|CiteScore|\bSJR\b|\bSNIP\b|影响因子|期刊(?:等级|分区|级别)|(?:顶级|核心|高水平|权威)期刊|[一二]区(?:论文|期刊)|SCI ?论文`),
		"asks for journals instead of what is in them (DORA, recommendation 1; CoARA, commitment 3)",
		lang.Both("Which of the chosen works shows best that this can be done, and what did it find?", "代表作中哪一项最能说明该工作可以完成？它有何发现？")},
	{regexp.MustCompile(`(?i)\b(?:h|i10|g)-?index\b|\bhirsch\b|[hH] ?指数`),
		"asks for an index of citations (CoARA, commitment 3)",
		lang.Both("Who has built on the chosen works, and how?", "哪些人在代表作的基础上开展了工作？如何开展？")},
	{regexp.MustCompile(`(?i)(?:number|count|quantity|list) of (?:[a-z-]+ )?(?:papers?|publications?|articles?|patents?)|how many (?:papers|publications|articles|patents)|publication (?:count|record|list)|citation (?:count|rate)s?|number of citations|论文(?:数量|篇数|总数)|发表(?:数量|篇数)|被引(?:次数|频次)|专利数量`),
		"counts works instead of reading them (DORA, recommendation 4; CoARA, commitments 2 and 3)",
		lang.Both("Choose at most five works and say in a few words what each shows.", "请选择不超过五项代表作，并简要说明每项代表作表明了什么。")},
	{regexp.MustCompile(`(?i)(?:academic|scientific|professional) (?:title|rank)s?|title of the (?:lead|applicant)|\b(?:prizes?|awards?|honou?rs) (?:won|received|held)|number of (?:prizes|awards|honou?rs)|\bacademicians?\b|talent (?:plan|title)s?|职称|学术头衔|人才(?:计划|称号|帽子)|院士|获奖(?:数|情况)`),
		"asks for titles and honours (CoARA, commitment 1)",
		lang.Both("What has the team done that this work needs: methods, data, programs, people trained, service to others?", "团队已有哪些本项工作所需的积累：方法、数据、软件、人才培养或公共服务？")},
	{regexp.MustCompile(`(?i)(?:rank|ranking|prestige|reputation) of (?:the )?(?:university|institution|organisation|host)|university rankings?|\bQS\b|大学排名|(?:985|211|双一流)`),
		"asks for the rank of an organisation (CoARA, commitment 4)",
		lang.Both("Does the host give what the work needs: instruments, time, people?", "依托单位能否提供工作所需的仪器、时间与人员？")},
}

// negated: a text that says what not to look at asks for the right thing.
var negated = regexp.MustCompile(`(?i)\b(?:not|no|never|without|nor|instead of|rather than|regardless of|ignore)\b[^.;:?!]*$|(?:不得|请勿|不看|不以|无需|而非|不应|不考虑|不)[^。；：？！]*$`)

// asksFor is the first proxy that a text asks for, with the words that do.
func asksFor(text string) (p proxy, words string, asked bool) {
	for _, p := range proxies {
		for _, at := range p.found.FindAllStringIndex(text, -1) {
			if !negated.MatchString(text[:at[0]]) {
				return p, text[at[0]:at[1]], true
			}
		}
	}
	return proxy{}, "", false
}

// written is the language of a text: what is to be asked instead goes into the same form.
func written(text string) lang.Locale {
	if strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
		return lang.Chinese
	}
	return lang.English
}

// fair warns of a text that asks for something that stands for quality and is not.
func (c *checker) fair(field string, texts ...string) {
	for _, text := range texts {
		if p, words, asked := asksFor(text); asked {
			c.warn(field, "“%s” %s; ask instead: “%s”", words, p.why, p.instead.In(written(text)))
			return
		}
	}
}

// representative is how many works at most stand for what a team can do.
const representative = 5

// fairForm looks through a form's questions.
func (c *checker) fairForm(at, file string, f *Form) {
	for _, field := range f.Ordered() {
		for _, t := range []string{"en", "zh"} {
			if p, words, asked := asksFor(field.Title.By[t] + "\n" + field.Hint.By[t]); asked {
				c.warn(at, "%s: field %s: “%s” %s; ask instead: “%s”", file, field.Name, words, p.why, p.instead.In(lang.Locale(t)))
				break
			}
		}
		if field.Widget == "works" && (field.MaxItems == 0 || field.MaxItems > representative) {
			c.warn(at, "%s: field %s: let people choose at most %d works (maxItems) that show what they can do, instead of a list (DORA, recommendation 4)", file, field.Name, representative)
		}
	}
}

// What a scheme may keep from who judges. The first three are parts of the record; the
// others are words in fields that are about people (works, and those marked x-about-people).
const (
	HideLead          = "lead"
	HideTeam          = "team"
	HideOrganisations = "organisations"
	HideTitles        = "titles"
	HideAges          = "ages"
	HideJournals      = "journals"
	HideMetrics       = "metrics"
)

var hideable = []string{HideLead, HideTeam, HideOrganisations, HideTitles, HideAges, HideJournals, HideMetrics}

// veils are the words of each kind that are taken out of fields about people. They find
// what is commonly written, not everything that could be: a form that does not ask is better.
var veils = map[string]*regexp.Regexp{
	HideTitles:   regexp.MustCompile(`\b(?:Univ\.-)?(?:Prof(?:essor)?|Dr|Doz|Academician|Dame|Sir)\b\.?(?: (?:h\. ?c\.|habil\.|emeritus|emerita))*|院士|长江学者|特聘教授|国家?杰青|优青`),
	HideAges:     regexp.MustCompile(`(?i)\b(?:aged?|age of)[ :=]*\d{2}\b|\b\d{2} years? old\b|\b(?:born|birth)[ :](?:in |on )?[\d .\-/a-z]*?(?:19|20)\d{2}\b|\d{2} ?岁|(?:19|20)\d{2} ?年(?: ?\d{1,2} ?月)?(?:\d{1,2} ?日)?出?生`),
	HideJournals: regexp.MustCompile(`\b(?:Nature|Science|Cell|PNAS|JAMA|The Lancet|Lancet|Physical Review|Angewandte Chemie)\b(?: (?:of|and|the|[A-Z][a-z]*))*|(?:\b[A-Z][a-z]+ )*\b(?:Journal|Annals|Transactions|Proceedings|Acta|Archives|Archiv|Bulletin|Letters|Zeitschrift)\b(?: (?:of|on|for|and|the|für|[A-Z][a-z]*))*|《[^》]*》|[\p{Han}]{2,12}(?:学报|杂志|通报)`),
	HideMetrics:  regexp.MustCompile(`(?i)\b(?:journal )?(?:impact factors?|JIF|(?:h|i10|g)-?index|citescore)\b(?:[ :=~(]|of|is|about)*\d+(?:[.,]\d+)?|\bIF[ ]*[:=][ ]*\d+(?:[.,]\d+)?|\bcited (?:by |over |more than |some )*\d[\d,.]*(?: times)?|\b\d[\d,.]* citations?\b|\bQ[1-4]\b|影响因子[ :：为约]*\d+(?:\.\d+)?|[hH] ?指数[ :：为约]*\d+|被引(?:用)?[ :：]*\d+ ?余?次|[一二三四]区`),
}

// leftOut stands where words were taken out.
const leftOut = "[…]"

// Veil takes out of a text about people what a scheme keeps from who judges.
func Veil(text string, hidden []string) string {
	for _, kind := range hideable { // always in the same order
		if veil := veils[kind]; veil != nil && slices.Contains(hidden, kind) {
			text = veil.ReplaceAllString(text, leftOut)
		}
	}
	return text
}

// hiding checks what a scheme keeps from who judges.
func (c *checker) hiding() {
	for i, h := range c.d.Hidden {
		if !slices.Contains(hideable, h) {
			c.add(fmt.Sprintf("$.hidden[%d]", i), "%q: %s is expected", h, strings.Join(hideable[:len(hideable)-1], ", ")+" or "+hideable[len(hideable)-1])
		}
	}
	for i, s := range c.d.Stages {
		if len(c.d.Hidden) > 0 && s.Review != nil && s.Review.Anonymous == Open {
			c.warn(fmt.Sprintf("$.stages[%d].review.anonymous", i), "in an open review everybody knows each other: nothing is hidden, whatever hidden says")
		}
	}
}
