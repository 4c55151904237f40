package retention

import "testing"

// TestNamesOfOthersStay: a name or an address that is a part of another is not taken for itself; in JSON, beside Chinese and
// before particles it is.
func TestNamesOfOthersStay(t *testing.T) {
	t.Parallel()
	name, address := "Zephyrine Quillfeather", "z@q.example"
	for in, want := range map[string]string{
		name:                               "[erased]",
		name + "stone":                     name + "stone",
		"Mc" + name:                        "Mc" + name,
		name + "-Jones and " + name + "'s": name + "-Jones and [erased]'s",
		"the " + name + "-led":             "the [erased]-led",
		"Anna-" + name:                     "Anna-" + name,
		"(" + name + ") " + name + "é":     "([erased]) " + name + "é",
		`{"en":"one\n` + name + `\u003c"}`: `{"en":"one\n[erased]\u003c"}`,
		`C:\\n` + name:                     `C:\\n` + name,
		"由" + name + "主持":                  "由[erased]主持",
		name + " Stone, " + name + ".":     name + " Stone, [erased].",
	} {
		if got := withoutName(in, name, []string{name + " Stone"}); got != want {
			t.Errorf("%q without the name is %q; want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"王伟表示，王伟明同意。":  "[erased]表示，王伟明同意。",
		"由王伟主持，小王伟明、王": "由[erased]主持，小王伟明、王",
	} {
		if got := withoutName(in, "王伟", []string{"王伟明"}); got != want {
			t.Errorf("%q without the name is %q; want %q", in, got, want)
		}
	}
	if got := withoutName("김민준이 왔다", "김민준", nil); got != "[erased]이 왔다" {
		t.Errorf("with a particle: %q", got)
	}
	for in, want := range map[string]string{
		"请联系" + address + "谢谢":                                      "请联系[erased]谢谢",
		`{"en":"A \u003c` + address + `\u003e.\n` + address + `."}`: `{"en":"A \u003c[erased]\u003e.\n[erased]."}`,
		"jaz@q.example, mia.z@q.example, z@q.example2":              "jaz@q.example, mia.z@q.example, z@q.example2",
		"see..." + address:                                          "see...[erased]",
	} {
		if got := withoutAddress(in, address); got != want {
			t.Errorf("%q without the address is %q; want %q", in, got, want)
		}
	}
}
