package shell

import "github.com/headwater-platform/headwater/internal/platform/fault"

// errorTitle is the heading of the page of a kind of error.
func errorTitle(k fault.Kind) string {
	switch k {
	case fault.NotFound:
		return "shell.error.missing"
	case fault.NotAllowed, fault.SignIn:
		return "shell.error.denied"
	case fault.Conflict:
		return "shell.error.conflict"
	case fault.Invalid, fault.TooLarge:
		return "shell.error.invalid"
	case fault.Unavailable:
		return "shell.error.unavailable"
	}
	return "shell.error.internal"
}

func zoneName(v *View) string {
	if v.Zone == nil {
		return "UTC"
	}
	return v.Now.In(v.Zone).Format("MST (UTC-07:00)")
}
