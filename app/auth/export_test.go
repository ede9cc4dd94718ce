package auth

// SetupSetting is where the one-time code is kept.
const SetupSetting = setupSetting

// Models are the rows of this package.
var Models = []any{session{}, apiToken{}, failure{}, link{}}

// TakeSlots takes both places in which passwords are hashed, until the returned func is called.
func (s *Service) TakeSlots() (release func()) {
	for range 2 {
		s.hasher.slots <- struct{}{}
	}
	return func() {
		for range 2 {
			<-s.hasher.slots
		}
	}
}
