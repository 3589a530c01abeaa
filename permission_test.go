package voiceapp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestPermissions(t *testing.T) {
	roles := []voiceapp.Role{voiceapp.RoleGuest, voiceapp.RoleMember, voiceapp.RoleModerator}
	for _, see := range roles {
		for _, join := range roles {
			for _, speak := range roles {
				for _, write := range roles {
					for _, role := range []voiceapp.Role{0, 5, 10, 15, 20, 40} {
						c := voiceapp.Channel{ID: 7, SeeRole: see, RequiredRole: join, SpeakRole: speak, WriteRole: write}
						p := c.Permissions(role)
						if p.Channel != 7 || p.Role != role {
							t.Fatalf("the answer is about %d and %v", p.Channel, p.Role)
						}
						checkPermission(t, role, p.See, see)
						checkPermission(t, role, p.Join, max(see, join))
						checkPermission(t, role, p.Speak, max(see, join, speak))
						checkPermission(t, role, p.Write, max(see, join, write))
					}
				}
			}
		}
	}
}

func checkPermission(t *testing.T, role voiceapp.Role, p voiceapp.Permission, needs voiceapp.Role) {
	t.Helper()
	if p.Allowed != (role >= needs) || p.Needs != needs {
		t.Errorf("%v may: %+v, want the need of %v", role, p, needs)
	}
	if !strings.Contains(p.Reason, " needs the role "+needs.String()+";") || !strings.HasSuffix(p.Reason, role.String()) {
		t.Errorf("the reason is %q", p.Reason)
	}
}

// A refusal names the rule that is in the way.
func ExampleChannel_Permissions() {
	stage := voiceapp.Channel{Name: "Stage", SpeakRole: voiceapp.RoleModerator}
	may := stage.Permissions(voiceapp.RoleMember)
	fmt.Println(may.Join.Allowed, may.Join.Reason)
	fmt.Println(may.Speak.Allowed, may.Speak.Reason)
	// Output:
	// true joining it needs the role guest; this is member
	// false speaking in it needs the role moderator; this is member
}
