//! The tree itself: the one place to add an activity to.

/// One activity as written down: name, name of its parent, meaning.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) parent: &'static str,
    pub(super) definition: &'static str,
}

const fn entry(name: &'static str, parent: &'static str, definition: &'static str) -> Entry {
    Entry { name, parent, definition }
}

/// Each parent before its children, and each subtree in one piece; the root, which has no parent, first.
pub(super) static TABLE: &[Entry] = &[
    entry("activity", "", "anything a person does: the root, which says nothing"),
    entry("still", "activity", "at rest in one posture"),
    entry("lying", "still", "at rest horizontally, on any side, asleep or awake"),
    entry("sitting", "still", "at rest on a seat, hands idle or nearly so"),
    entry("standing", "still", "at rest upright"),
    entry("moving", "activity", "on one's own legs: steps or jumps, from place to place or on the spot"),
    entry("walking", "moving", "forward on the level; curves and a flat treadmill included"),
    entry("walking_variant", "moving", "Nordic walking, walking backward, an inclined treadmill"),
    entry("stairs", "moving", "walking on steps, up or down"),
    entry("walking_upstairs", "stairs", "up steps"),
    entry("walking_downstairs", "stairs", "down steps"),
    entry("shuffling", "moving", "small steps or shifts of weight while standing"),
    entry("turning", "moving", "a turn on the spot, between walks"),
    entry("running", "moving", "running and jogging, on a treadmill as well"),
    entry("jumping", "moving", "single or repeated jumps, with a rope as well"),
    entry("rope_jumping", "jumping", "jumps with a rope"),
    entry("cycling", "activity", "pedalling, outdoors or on a stationary bicycle"),
    entry("cycling_stationary", "cycling", "pedalling on a stationary bicycle"),
    entry("transport", "activity", "moved by something else"),
    entry("vehicle", "transport", "in a vehicle, as its driver or carried passively"),
    entry("elevator", "transport", "standing in a moving lift"),
    entry("transition", "activity", "from one posture to another"),
    entry("sit_to_stand", "transition", "one change from sitting to standing"),
    entry("stand_to_sit", "transition", "one change from standing to sitting"),
    entry("lie_down", "transition", "one change to lying"),
    entry("sit_to_lie", "lie_down", "one change from sitting to lying"),
    entry("stand_to_lie", "lie_down", "one change from standing to lying"),
    entry("get_up", "transition", "one change from lying to sitting or standing"),
    entry("lie_to_sit", "get_up", "one change from lying to sitting"),
    entry("lie_to_stand", "get_up", "one change from lying to standing"),
    entry("posture_change", "transition", "mixed or repeated changes, both directions in one label"),
    entry("bending", "activity", "bending at the waist, crouching, picking up, knee bends"),
    entry("manual", "activity", "work of the hands, whatever the posture underneath"),
    entry(
        "hand_task",
        "manual",
        "typing, writing, eating, drinking, brushing, clapping, phoning, opening a door",
    ),
    entry("household", "manual", "vacuuming, ironing, folding, cleaning"),
    entry("exercise", "activity", "exercise and sport"),
    entry("calisthenics", "exercise", "push-ups, sit-ups, burpees, lunges, dips, twists, raising the arms"),
    entry("stretching", "exercise", "held stretches"),
    entry("machine_cardio", "exercise", "rowing machine, stepper, elliptical trainer"),
    entry("ball_sport", "exercise", "football, basketball, table tennis, catch, dribbling, kicking"),
    entry("balance_loss", "activity", "a loss of balance, recovered or not"),
    entry("stumble", "balance_loss", "a loss of balance that was recovered"),
    entry("fall", "balance_loss", "a fall: the impact and what surrounds it"),
];

/// Position of the parent of each entry; 0 for the root itself.
///
/// Worked out by the compiler, which refuses an entry whose parent does not stand before it.
pub(super) static PARENTS: [u8; TABLE_LENGTH] = parents();

const TABLE_LENGTH: usize = TABLE.len();

const fn parents() -> [u8; TABLE_LENGTH] {
    let mut parents = [0; TABLE_LENGTH];
    let mut index = 1;
    while index < TABLE_LENGTH {
        let mut earlier = 0;
        while !same(TABLE[earlier].name, TABLE[index].parent) {
            earlier += 1;
            assert!(earlier < index, "an activity stands before its parent");
        }
        parents[index] = earlier as u8;
        index += 1;
    }
    parents
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}
