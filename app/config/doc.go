// Package config holds the settings of huiyin's commands.
//
// A command's settings are one struct. Each field with an env tag is a setting: `env:"LIMIT_SCALE"` is the flag
// --limit-scale and the variable HUIYIN_LIMIT_SCALE. The flag wins over the variable, the variable over the default.
// Parse fills the struct, Usage writes the text of `huiyin help COMMAND` out of the same tags, so that neither can
// forget a setting:
//
//	env         the name, in upper case with _ (the prefix HUIYIN_ is added)
//	envDefault  the value when nothing is given
//	arg         what stands for the value in the help: FILE, HOST:PORT …
//	usage       what it is for, in one or two sentences
//
// Whatever may hold a password or token is a Secret, which prints as "(set)": settings may be logged as they are.
// Every refusal is an *Error that names the setting and says how to mend it.
package config
