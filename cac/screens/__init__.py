"""What a waiting room's screens show and say beside the calls: playlist, voices, volume, the line at the foot."""
