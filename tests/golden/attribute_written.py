"""An argument's attribute is assigned: the caller sees it, and the gradient is an object of the class."""


class Tank:
    def __init__(self, level, area):
        self.level = level
        self.area = area
        self.fills = 0

    def __eq__(self, other):
        return vars(self) == vars(other)


at = {"tank": Tank(0.7, 2.0), "inflow": 0.4}
wrt = ("tank", "inflow")


def attribute_written(tank, inflow):
    tank.level += inflow / tank.area
    tank.fills += 1
    return tank.level**2


# --- forward ---
def attribute_written_jvp(tank, inflow, tank_dot, inflow_dot):
    tank_level_dot = tank_dot.level
    tank_level = tank.level
    tank_area_dot = tank_dot.area
    tank_area = tank.area
    tank_fills = tank.fills
    tank_level_dot += (inflow_dot - inflow / tank_area * tank_area_dot) / tank_area
    tank_level += inflow / tank_area
    tank.level = tank_level
    tank_fills += 1
    tank.fills = tank_fills
    return tank_level**2, 2 * tank_level * tank_level_dot


# --- reverse ---
def _with(x, /, **attributes):
    """The object `x` with other values of these attributes."""
    from copy import copy

    made = copy(x)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made


def attribute_written_grad(tank, inflow):
    # primal
    tank_level = tank.level
    tank_area = tank.area
    tank_fills = tank.fills
    tank_level_1 = tank_level + inflow / tank_area
    tank.level = tank_level_1
    tank_fills_1 = tank_fills + 1
    tank.fills = tank_fills_1
    # adjoint
    tank_level_1_bar = 2.0 * tank_level_1  # return tank.level**2
    t_bar = tank_level_1_bar / tank_area  # tank.level += inflow / tank.area
    tank_area_bar = -inflow / tank_area * t_bar
    return _with(tank, level=tank_level_1_bar, area=tank_area_bar), t_bar
