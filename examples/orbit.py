"""A satellite in low orbit, propagated by a program with classes, branches and loops that knows nothing of derivatives, and
the derivative of where it is after some revolutions: by its first position and velocity, its drag coefficient and its area.

    python examples/orbit.py

The formulas are those of the textbooks: Vallado, Fundamentals of Astrodynamics and Applications (elements, atmosphere, Sun
and Moon); Montenbruck & Gill, Satellite Orbits (shadow, radiation pressure); Dormand & Prince 1980 (integration).
Kilometres, seconds, kilograms, radians.
"""

import math
import time

import numpy as np

import s2sad


class Earth:
    MU = 398600.4418
    RADIUS = 6378.137
    ROTATION = 7.292115e-5
    FLATTENING = 1 / 298.257223563
    # Zonal harmonics J2, J3, …
    ZONAL = (1.08262668e-3, -2.53265649e-6, -1.61962159e-6, -2.27296083e-7, 5.40681239e-7)


class Sun:
    MU = 1.32712440018e11
    RADIUS = 696000.0
    ASTRONOMICAL_UNIT = 149597870.7
    # Pressure of its light at one astronomical unit, N/m².
    PRESSURE = 4.56e-6


class Moon:
    MU = 4902.800066


class Atmosphere:
    """Density in layers with an exponential law in each: base altitude, density in kg/m³, scale height."""

    LAYERS = (
        (0.0, 1.225, 7.249),
        (25.0, 3.899e-2, 6.349),
        (30.0, 1.774e-2, 6.682),
        (40.0, 3.972e-3, 7.554),
        (50.0, 1.057e-3, 8.382),
        (60.0, 3.206e-4, 7.714),
        (70.0, 8.770e-5, 6.549),
        (80.0, 1.905e-5, 5.799),
        (90.0, 3.396e-6, 5.382),
        (100.0, 5.297e-7, 5.877),
        (110.0, 9.661e-8, 7.263),
        (120.0, 2.438e-8, 9.473),
        (130.0, 8.484e-9, 12.636),
        (140.0, 3.845e-9, 16.149),
        (150.0, 2.070e-9, 22.523),
        (180.0, 5.464e-10, 29.740),
        (200.0, 2.789e-10, 37.105),
        (250.0, 7.248e-11, 45.546),
        (300.0, 2.418e-11, 53.628),
        (350.0, 9.518e-12, 53.298),
        (400.0, 3.725e-12, 58.515),
        (450.0, 1.585e-12, 60.828),
        (500.0, 6.967e-13, 63.822),
        (600.0, 1.454e-13, 71.835),
        (700.0, 3.614e-14, 88.667),
        (800.0, 1.170e-14, 124.64),
        (900.0, 5.245e-15, 181.05),
        (1000.0, 3.019e-15, 268.00),
    )

    def __init__(self, activity=1.0):
        self.activity = activity

    def density(self, altitude):
        if altitude < 0:
            raise ValueError(f"the satellite is {-altitude:.1f} km below the ground")
        for base, density, scale in reversed(self.LAYERS):
            if altitude >= base:
                break
        return self.activity * density * math.exp(-(altitude - base) / scale)


class Spacecraft:
    """A sphere of `mass` in kg and cross-section `area` in m²."""

    def __init__(self, mass, area, drag=2.2, reflectivity=1.3):
        self.mass = mass
        self.area = area
        self.drag = drag
        self.reflectivity = reflectivity

    @property
    def ballistic(self):
        """The area that drag works on for each kilogram, in m²/kg."""
        return self.drag * self.area / self.mass


def altitude_of(r):
    """The height above the ellipsoid, to first order in its flattening."""
    distance = math.sqrt(r[0] ** 2 + r[1] ** 2 + r[2] ** 2)
    sine = r[2] / distance
    return distance - Earth.RADIUS * (1 - Earth.FLATTENING * sine * sine)


def sun_position(days):
    """Where the Sun is, `days` after J2000 (Vallado, algorithm 29)."""
    anomaly = math.radians((357.5277233 + 0.98560028 * days) % 360)
    longitude = math.radians(
        (280.460 + 0.98564736 * days + 1.914666471 * math.sin(anomaly) + 0.019994643 * math.sin(2 * anomaly)) % 360
    )
    distance = 1.000140612 - 0.016708617 * math.cos(anomaly) - 0.000139589 * math.cos(2 * anomaly)
    obliquity = math.radians(23.439291 - 3.56e-7 * days)
    direction = np.array(
        [
            math.cos(longitude),
            math.cos(obliquity) * math.sin(longitude),
            math.sin(obliquity) * math.sin(longitude),
        ]
    )
    return Sun.ASTRONOMICAL_UNIT * distance * direction


def moon_position(days):
    """Where the Moon is (Vallado, algorithm 31, its largest terms)."""
    t = days / 36525
    longitude, latitude, parallax = 218.32 + 481267.8813 * t, 0.0, 0.9508
    for size, phase, rate in ((6.29, 134.9, 477198.85), (-1.27, 259.2, -413335.38), (0.66, 235.7, 890534.23)):
        longitude += size * math.sin(math.radians(phase + rate * t))
    for size, phase, rate in ((5.13, 93.3, 483202.03), (0.28, 228.2, 960400.87), (-0.28, 318.3, 6003.18)):
        latitude += size * math.sin(math.radians(phase + rate * t))
    for size, phase, rate in ((0.0518, 134.9, 477198.85), (0.0095, 259.2, -413335.38), (0.0078, 235.7, 890534.23)):
        parallax += size * math.cos(math.radians(phase + rate * t))
    longitude, latitude = math.radians(longitude % 360), math.radians(latitude)
    obliquity = math.radians(23.439291 - 3.56e-7 * days)
    distance = Earth.RADIUS / math.sin(math.radians(parallax))
    x = math.cos(latitude) * math.cos(longitude)
    y = math.cos(latitude) * math.sin(longitude)
    z = math.sin(latitude)
    turned = [
        x,
        math.cos(obliquity) * y - math.sin(obliquity) * z,
        math.sin(obliquity) * y + math.cos(obliquity) * z,
    ]
    return distance * np.array(turned)


def lit_fraction(r, sun):
    """How much of the Sun's disc the satellite sees past the Earth (Montenbruck & Gill, section 3.4.2)."""
    to_sun = sun - r
    a = math.asin(Sun.RADIUS / math.sqrt(to_sun @ to_sun))
    b = math.asin(Earth.RADIUS / math.sqrt(r @ r))
    c = math.acos(-(r @ to_sun) / math.sqrt((r @ r) * (to_sun @ to_sun)))
    if c >= a + b:
        return 1.0
    if c <= b - a:
        return 0.0
    x = (c * c + a * a - b * b) / (2 * c)
    y = math.sqrt(a * a - x * x)
    overlap = a * a * math.acos(x / a) + b * b * math.acos((c - x) / b) - c * y
    return 1 - overlap / (math.pi * a * a)


class Forces:
    """All that accelerates the satellite. What is `None` is left out."""

    def __init__(self, craft, epoch, atmosphere=None, degree=6, bodies=True, light=True):
        self.craft = craft
        self.epoch = epoch
        self.atmosphere = atmosphere
        self.degree = degree
        self.bodies = bodies
        self.light = light

    def acceleration(self, t, r, v):
        total = self.gravity(r)
        if self.atmosphere is not None:
            total = total + self.drag(r, v)
        if self.bodies or self.light:
            days = self.epoch + t / 86400
            sun = sun_position(days)
            if self.bodies:
                total = total + self.third_body(r, sun, Sun.MU) + self.third_body(r, moon_position(days), Moon.MU)
            if self.light:
                total = total + self.radiation(r, sun)
        return total

    def gravity(self, r):
        """The central body and its zonal harmonics, by the recurrences of Legendre's polynomials."""
        distance = math.sqrt(r @ r)
        up = r / distance
        sine = up[2]
        radial, polar = -1.0, 0.0
        before, legendre, slope_before, slope = 1.0, sine, 0.0, 1.0
        ratio = Earth.RADIUS / distance
        power = ratio
        for n in range(2, self.degree + 1):
            after = ((2 * n - 1) * sine * legendre - (n - 1) * before) / n
            slope_after = slope_before + (2 * n - 1) * legendre
            before, legendre = legendre, after
            slope_before, slope = slope, slope_after
            power *= ratio
            zonal = Earth.ZONAL[n - 2] * power
            radial += zonal * ((n + 1) * legendre + sine * slope)
            polar -= zonal * slope
        strength = Earth.MU / (distance * distance)
        return strength * (radial * up + polar * np.array([0.0, 0.0, 1.0]))

    def drag(self, r, v):
        altitude = altitude_of(r)
        if altitude > 1500:
            return np.zeros(3)
        wind = Earth.ROTATION * np.array([-r[1], r[0], 0.0])
        relative = v - wind
        speed = math.sqrt(relative @ relative)
        # From kg/m³ and m²/kg to 1/km.
        return -500 * self.atmosphere.density(altitude) * self.craft.ballistic * speed * relative

    def third_body(self, r, body, mu):
        to_body = body - r
        return mu * (to_body / (to_body @ to_body) ** 1.5 - body / (body @ body) ** 1.5)

    def radiation(self, r, sun):
        lit = lit_fraction(r, sun)
        if lit == 0:
            return np.zeros(3)
        away = r - sun
        square = away @ away
        pressure = Sun.PRESSURE * Sun.ASTRONOMICAL_UNIT**2 / square
        # From m/s² to km/s².
        return (
            1e-3
            * lit
            * pressure
            * self.craft.reflectivity
            * self.craft.area
            / self.craft.mass
            * away
            / math.sqrt(square)
        )


class Propagator:
    """Dormand and Prince's method of order 5 with their choice of steps."""

    NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
    STAGES = (
        [],
        [1 / 5],
        [3 / 40, 9 / 40],
        [44 / 45, -56 / 15, 32 / 9],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
        [35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    )
    WEIGHTS = (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0)
    ERRORS = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)

    def __init__(self, forces, tolerance=1e-6, longest=600.0):
        self.forces = forces
        self.tolerance = tolerance
        self.longest = longest
        self.accepted = 0
        self.rejected = 0

    def trial(self, t, r, v, h):
        """The state after a step of `h` seconds, and an estimate of its error in km."""
        rates, accelerations = [], []
        for node, stage in zip(self.NODES, self.STAGES):
            position, velocity = r, v
            for weight, rate, acceleration in zip(stage, rates, accelerations):
                position = position + h * weight * rate
                velocity = velocity + h * weight * acceleration
            rates.append(velocity)
            accelerations.append(self.forces.acceleration(t + node * h, position, velocity))
        new_r, new_v, error = r, v, np.zeros(3)
        for weight, wrong, rate, acceleration in zip(self.WEIGHTS, self.ERRORS, rates, accelerations):
            new_r = new_r + h * weight * rate
            new_v = new_v + h * weight * acceleration
            error = error + h * wrong * rate
        return new_r, new_v, math.sqrt(error @ error)

    def run(self, r, v, duration, h=60.0):
        t = 0.0
        while True:
            last = t + h >= duration
            if last:
                h = duration - t
            new_r, new_v, error = self.trial(t, r, v, h)
            factor = 0.9 * (self.tolerance / max(error, 1e-16)) ** 0.2
            if error > self.tolerance:
                self.rejected += 1
                if h < 1e-3:
                    raise ArithmeticError(f"no progress at {t:.0f} s")
                h *= max(factor, 0.2)
                continue
            self.accepted += 1
            t, r, v = t + h, new_r, new_v
            if last:
                return r, v
            h = min(h * min(factor, 4.0), self.longest)


def true_anomaly(mean, eccentricity):
    """Kepler's equation by Newton's method."""
    angle = mean + eccentricity if math.sin(mean) > 0 else mean - eccentricity
    for _ in range(50):
        step = (mean - angle + eccentricity * math.sin(angle)) / (1 - eccentricity * math.cos(angle))
        angle += step
        if abs(step) < 1e-12:
            break
    else:
        raise ArithmeticError("Kepler's equation: no solution")
    return 2 * math.atan2(
        math.sqrt(1 + eccentricity) * math.sin(angle / 2), math.sqrt(1 - eccentricity) * math.cos(angle / 2)
    )


def state_of(axis, eccentricity, inclination, node, perigee, mean):
    """Position and velocity for Kepler's elements."""
    nu = true_anomaly(mean, eccentricity)
    parameter = axis * (1 - eccentricity**2)
    radius = parameter / (1 + eccentricity * math.cos(nu))
    r = [radius * math.cos(nu), radius * math.sin(nu), 0.0]
    speed = math.sqrt(Earth.MU / parameter)
    v = [-speed * math.sin(nu), speed * (eccentricity + math.cos(nu)), 0.0]
    turn = rotation(3, node) @ rotation(1, inclination) @ rotation(3, perigee)
    return turn @ np.array(r), turn @ np.array(v)


def rotation(axis, angle):
    c, s = math.cos(angle), math.sin(angle)
    match axis:
        case 1:
            rows = [[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]]
        case 3:
            rows = [[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]
        case _:
            raise ValueError(axis)
    return np.array(rows)


def miss(elements, drag, area, target, revolutions=3.0):
    """How far from `target`, in km, the satellite is after some revolutions. `elements` are Kepler's, angles in degrees."""
    axis, eccentricity, *angles = elements
    inclination, node, perigee, mean = [math.radians(angle) for angle in angles]
    craft = Spacecraft(mass=500.0, area=area, drag=drag)
    propagator = Propagator(Forces(craft, epoch=8766.5, atmosphere=Atmosphere()))
    r, v = state_of(axis, eccentricity, inclination, node, perigee, mean)
    period = 2 * math.pi * math.sqrt(axis**3 / Earth.MU)
    r, v = propagator.run(r, v, revolutions * period)
    away = r - target
    return math.sqrt(away @ away)


ELEMENTS = (6678.0, 0.003, 51.6, 40.0, 30.0, 10.0)
NAMES = ("semi-major axis", "eccentricity", "inclination", "node", "perigee", "mean anomaly", "drag", "area")
TARGET = np.array([4200.0, 4700.0, 2000.0])
REVOLUTIONS = 1.0


def difference_quotients(at):
    """The derivatives of the miss by numbers, two runs for each."""
    for k, x in enumerate(at):
        h = 1e-5 * max(1.0, abs(x)) if k > 1 else (1e-3, 1e-7)[k]
        low, high = ([*at[:k], x + step, *at[k + 1 :]] for step in (-h, h))
        yield (miss(high[:6], *high[6:], TARGET, REVOLUTIONS) - miss(low[:6], *low[6:], TARGET, REVOLUTIONS)) / (2 * h)


def seconds(f, *arguments):
    """The median time of three calls."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        f(*arguments)
        times.append(time.perf_counter() - start)
    return sorted(times)[1]


def main():
    drag, area = 2.2, 4.0
    gradient = s2sad.grad(miss, wrt=("elements", "drag", "area"))
    at = ELEMENTS, drag, area, TARGET, REVOLUTIONS
    by_elements, by_drag, by_area = gradient(*at)
    print(f"the satellite misses the point by {miss(*at):.3f} km; the derivative of that by")
    quotients = list(difference_quotients([*ELEMENTS, drag, area]))
    for name, slope, quotient in zip(NAMES, (*by_elements, by_drag, by_area), quotients, strict=True):
        print(f"  {name:16}{slope:16.8f}   by differences {quotient:16.8f}")
        assert math.isclose(slope, quotient, rel_tol=1e-4), name
    print(f"time of the gradient / time of the program: {seconds(gradient, *at) / seconds(miss, *at):.1f}")


if __name__ == "__main__":
    main()
